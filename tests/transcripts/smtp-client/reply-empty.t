# What is no reply ends it (28).

S: 
E: failed peer no SMTP reply: 
