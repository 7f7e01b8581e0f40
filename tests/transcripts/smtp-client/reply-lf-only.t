# What is no reply ends it (28).

s: 250 a\n
E: failed peer reply: bare LF at octet 5 of a line
