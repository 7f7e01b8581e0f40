# What is no reply ends it (28).

S: 000 x
E: failed peer no SMTP reply: 000 x
