# A message begins at the start of a line, however the last one ended.

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say DATA
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: DATA

S: 354 go
A: body x
A: body-end
E: reply 354 go
C: x
C: .

S: 250 ok
A: say DATA
E: reply 250 ok
C: DATA

S: 354 go
A: body .y\n
A: body-end
E: reply 354 go
C: ..y
C: .

S: 250 ok
E: reply 250 ok
