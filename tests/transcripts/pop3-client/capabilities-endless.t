S: +OK ready <1.2@pop>
C: CAPA

S: +OK
s: \{101:TOP\r\n}
E: failed peer capabilities without end
