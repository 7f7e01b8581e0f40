# What is no reply ends it (28).

S: 250-a
S: 251 b
E: failed peer reply of two codes, 250 and 251
