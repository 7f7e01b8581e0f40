# Lines that never end are no message.
S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: lines RETR 1
C: RETR 1

S: +OK
S: half
E: ok lines 
E: runs without an end
E: waiting 1
