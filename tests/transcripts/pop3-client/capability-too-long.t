S: +OK ready <1.2@pop>
C: CAPA

S: +OK
S: EXPIRE \{505:9}
S: EXPIRE \{506:9}
E: failed peer capabilities without end
