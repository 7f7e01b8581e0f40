# What is not CRLF text is never sent (39).

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
A: body a\0b\n
A: body-end
E: reply 354 go
E: cannot
E: cannot
E: failed other a message that is no CRLF text
