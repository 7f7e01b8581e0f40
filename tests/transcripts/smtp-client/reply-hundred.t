# What is no reply ends it (28).

S: 100 wait
E: failed peer no SMTP reply: 100 wait
