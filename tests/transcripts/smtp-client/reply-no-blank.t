# What is no reply ends it (28).

S: 250ok
E: failed peer no SMTP reply: 250ok
