S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: sasl AUTH LOGIN
C: AUTH LOGIN

S: + 
E: continue 

S: +OK welcome
E: failed peer a reply came in place of a SASL line
E: waiting 1
