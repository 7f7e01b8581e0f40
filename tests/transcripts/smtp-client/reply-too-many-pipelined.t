# One too many behind the last (29).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say NOOP
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: NOOP

S: 250 ok
S: 250 ok
E: reply 250 ok
E: failed peer a reply came that nothing asked for
