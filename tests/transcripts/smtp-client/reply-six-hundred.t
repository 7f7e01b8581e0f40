# What is no reply ends it (28).

S: 600 x
E: failed peer no SMTP reply: 600 x
