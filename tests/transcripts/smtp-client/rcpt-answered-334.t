# 334 to anything but AUTH is broken (29).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say RCPT TO:<a@b.example>
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: RCPT TO:<a@b.example>

S: 334 
E: failed peer a command was answered: 334 
