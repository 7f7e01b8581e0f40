# One SASL line to each 334.

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say AUTH LOGIN
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: AUTH LOGIN

S: 334 x
A: auth-line YQ==
A: auth-line Yg==
E: reply 334 x
C: YQ==
E: cannot

S: 334 y
A: auth-line Yg==
E: reply 334 y
C: Yg==

S: 235 ok
E: reply 235 ok
