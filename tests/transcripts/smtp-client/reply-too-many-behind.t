# The same right behind the EHLO reply (29).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
S: 250 ok
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
E: failed peer a reply came that nothing asked for
