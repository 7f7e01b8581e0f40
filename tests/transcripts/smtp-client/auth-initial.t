# With an initial response.

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

S: 535-5.7.8 no
S: 535 5.7.8 really
A: say AUTH PLAIN AGEAYg==
E: reply 535 5.7.8 no|5.7.8 really
C: AUTH PLAIN AGEAYg==

S: 235 ok
E: reply 235 ok
