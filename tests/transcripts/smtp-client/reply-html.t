# What is no reply ends it (28).

S: <html>
E: failed peer no SMTP reply: <html>
