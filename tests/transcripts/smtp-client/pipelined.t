# Replies are counted: each to the oldest command (62).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say MAIL FROM:<a@b.example>
A: say RCPT TO:<c@d.example>
A: say RCPT TO:<e@d.example>
A: say DATA
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
C: RCPT TO:<e@d.example>
C: DATA

S: 250 2.1.0 ok
S: 550-5.1.1 no such
S: 550 5.1.1 user
S: 250 2.1.5 ok
S: 354 go
A: body-end
E: reply 250 2.1.0 ok
E: reply 550 5.1.1 no such|5.1.1 user
E: reply 250 2.1.5 ok
E: reply 354 go
C: .

S: 250 2.0.0 queued
E: reply 250 2.0.0 queued
