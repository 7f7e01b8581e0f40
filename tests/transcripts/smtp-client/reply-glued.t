# What is no reply ends it (28).

S: 2500 x
E: failed peer no SMTP reply: 2500 x
