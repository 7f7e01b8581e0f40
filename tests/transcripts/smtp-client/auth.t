# A SASL exchange; the lines as they are.

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say AUTH LOGIN
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: AUTH LOGIN

S: 334 VXNlcm5hbWU6
A: auth-line YWxpY2U=
E: reply 334 VXNlcm5hbWU6
C: YWxpY2U=

S: 334 UGFzc3dvcmQ6
A: auth-line c2VjcmV0
E: reply 334 UGFzc3dvcmQ6
C: c2VjcmV0

S: 235 2.7.0 ok
A: auth-line more
A: say NOOP
E: reply 235 2.7.0 ok
E: cannot
C: NOOP

S: 250 ok
E: reply 250 ok
