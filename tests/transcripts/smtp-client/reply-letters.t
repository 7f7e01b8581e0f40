# What is no reply ends it (28).

S: 25O ok
E: failed peer no SMTP reply: 25O ok
