# STLS forgets the name that was said in the clear.
S: +OK gw.example Letterlock ready

C: USER mallory
C: STLS
A: secured
S: +OK
S: +OK begin TLS
E: stls

C: PASS x
C: STLS
S: -ERR USER comes first
S: -ERR TLS is active already
