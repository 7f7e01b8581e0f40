# What is no reply ends it (28).

s: 250 a\0b\r\n
E: failed peer reply: NUL at octet 5 of a line
