# One command, one reply; the body dot-stuffed, then the dot (39).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say MAIL FROM:<a@b.example>
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: MAIL FROM:<a@b.example>

S: 250 2.1.0 ok
A: say RCPT TO:<c@d.example>
E: reply 250 2.1.0 ok
C: RCPT TO:<c@d.example>

S: 250 2.1.5 ok
A: say DATA
E: reply 250 2.1.5 ok
C: DATA

S: 354 go
A: body Subject: x\n\n.dot\n..\n.\ntext\n
A: body-end
E: reply 354 go
C: Subject: x
C: 
C: ..dot
C: ...
C: ..
C: text
C: .

S: 250 2.0.0 queued
A: say QUIT
E: reply 250 2.0.0 queued
C: QUIT

S: 221 bye
E: reply 221 bye
