# A SASL line without measure, or with a NUL, is a cancelled one.
S: +OK gw.example Letterlock ready

C: AUTH PLAIN
A: continue 
E: AUTH mechanism=PLAIN response=
S: + 

C: \{13000:a}
A: -ERR cancelled
E: line *
S: -ERR cancelled

C: AUTH PLAIN
A: continue 
E: AUTH mechanism=PLAIN response=
S: + 

C: a\0b
A: -ERR cancelled
E: line *
S: -ERR cancelled
