# DATA is the last of a group; nothing but the message comes behind its 354 (29).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say DATA
A: say QUIT
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: DATA
E: cannot

S: 354 go
A: say QUIT
A: body x
A: body-end
E: reply 354 go
E: cannot
C: x
C: .

S: 250 ok
E: reply 250 ok
