# An old server without CAPA.
S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
