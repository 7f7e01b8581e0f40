S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: say NOOP
C: NOOP

S: +OKAY
E: failed peer that is no reply of POP3: +OKAY
E: waiting 1
