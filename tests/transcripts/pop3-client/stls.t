# What was said before TLS is forgotten.
%stls

S: +OK ready <1.2@pop>
C: CAPA

S: +OK
S: STLS
S: SASL EVIL
S: .
C: STLS

S: +OK go
A: secured
E: stls
C: CAPA

S: +OK
S: TOP
S: .
E: ready top
