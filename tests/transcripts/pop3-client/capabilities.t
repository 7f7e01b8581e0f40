# What is offered, as it is offered; the timestamp of APOP is not looked at.
S: +OK ready <1.2@pop>
C: CAPA

S: +OK
S: TOP
S: uidl
S: USER
S: PIPELINING
S: SASL PLAIN  CRAM-MD5
S: RESP-CODES
S: AUTH-RESP-CODE
S: EXPIRE 30
S: LOGIN-DELAY 9
S: X-ODD
S: .
E: ready top uidl user pipelining resp-codes auth-resp-code sasl=PLAIN CRAM-MD5 EXPIRE 30 LOGIN-DELAY 9
