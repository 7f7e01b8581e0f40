S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready

S: +OK surprise
E: failed peer a reply came that nothing asked for
