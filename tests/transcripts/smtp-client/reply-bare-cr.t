# What is no reply ends it (28).

s: 250 a\rb\r\n
E: failed peer reply: bare CR at octet 5 of a line
