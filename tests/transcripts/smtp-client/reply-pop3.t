# What is no reply ends it (28).

S: +OK ready
E: failed peer no SMTP reply: +OK ready
