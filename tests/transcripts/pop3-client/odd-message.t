# A message passes as it is, whatever is in it.
S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: lines RETR 1
C: RETR 1

S: +OK
S: a\0b\rc\n.\nd
S: .
E: ok lines 
E: end of a\x00b\rc\n.\nd\r\n
