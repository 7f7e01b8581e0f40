S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: say PASS x
C: PASS x

S: + go on
E: failed peer that is no reply of POP3: + go on
E: waiting 1
