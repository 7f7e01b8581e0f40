# A line of 2,048 octets is read, one more is not (28).

S: 220 \{2042:x}
C: EHLO gw.example

S: 250 \{2043:x}
E: failed peer reply: a line of more than 2046 octets
