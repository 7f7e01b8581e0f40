# Nothing but these before TLS where it is required.
%tls required
S: +OK gw.example Letterlock ready

C: CAPA
C: USER a
C: AUTH PLAIN
C: PASS x
A: +OK
E: CAPA
S: +OK
S: -ERR TLS is needed first: STLS
S: -ERR TLS is needed first: STLS
S: -ERR TLS is needed first: STLS
