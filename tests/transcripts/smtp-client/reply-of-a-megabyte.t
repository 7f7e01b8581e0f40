# A line without end is not kept (28).

s: 220 \{100000:x}
E: failed peer reply: a line of more than 2046 octets
