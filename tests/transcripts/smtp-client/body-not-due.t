# No body without a 354.

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: body x
A: body-end
A: say DATA
A: body x
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
E: cannot
E: cannot
C: DATA
E: cannot

S: 451 no
A: body x
A: body-end
E: reply 451 no
E: cannot
E: cannot
