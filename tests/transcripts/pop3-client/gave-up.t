S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready

S: -ERR [IN-USE] too slow
E: failed temp gave up: [IN-USE] too slow
