# What is no reply ends it (28).

S: 25
E: failed peer no SMTP reply: 25
