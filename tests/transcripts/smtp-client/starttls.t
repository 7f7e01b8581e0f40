# STARTTLS, then EHLO anew: what was said before TLS is forgotten (9, 16).
%starttls

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-SIZE 1000
S: 250-AUTH PLAIN
S: 250 STARTTLS
C: STARTTLS

S: 220 2.0.0 go
A: secured
E: starttls
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
