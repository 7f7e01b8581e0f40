%whole

S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: sasl AUTH LOGIN
C: AUTH LOGIN

S: + 
S: +OK welcome
E: failed peer bytes came behind a challenge
E: waiting 1
