# 250 to AUTH is no login (16, 29).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say AUTH PLAIN AGEAYg==
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: AUTH PLAIN AGEAYg==

S: 250 ok
E: failed peer a command was answered: 250 ok
