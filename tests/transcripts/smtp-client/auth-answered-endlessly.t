# An endless 535- is bounded (28).

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

s: \{200:535-5.7.8 no\r\n}
E: failed peer reply of more than 128 lines
E: waiting 1
