# Lines without their dots; -ERR in their place; replies in order.
S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: lines RETR 1
A: lines RETR 2
A: say STAT
A: lines UIDL
C: RETR 1
C: RETR 2
C: STAT
C: UIDL

S: +OK 11 octets
S: a
S: ..
S: ..b
S: 
S: .
S: -ERR no such message
S: +OK 2 9
S: +OK
S: .
E: ok lines 11 octets
E: end of a\r\n.\r\n.b\r\n\r\n
E: err no such message
E: ok 2 9
E: ok lines 
E: end of 
