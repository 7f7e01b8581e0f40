# No command inside an exchange, no SASL line outside one (29).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: auth-line x
A: say AUTH LOGIN
A: say NOOP
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
E: cannot
C: AUTH LOGIN
E: cannot

S: 334 x
A: say NOOP
A: auth-line *
E: reply 334 x
E: cannot
C: *

S: 501 5.7.0 cancelled
A: say NOOP
E: reply 501 5.7.0 cancelled
C: NOOP

S: 250 ok
E: reply 250 ok
