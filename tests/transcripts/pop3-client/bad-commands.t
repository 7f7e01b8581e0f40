S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: line x
A: say NOOP
E: cannot
C: NOOP

S: +OK
E: ok 
