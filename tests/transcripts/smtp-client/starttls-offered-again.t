# What is offered under TLS does not matter any more (9).
%starttls

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-SIZE 1000
S: 250-AUTH PLAIN
S: 250 STARTTLS
C: STARTTLS

S: 220 go
A: secured
E: starttls
C: EHLO gw.example

S: 250-mail.example
S: 250-SIZE 1000
S: 250-AUTH PLAIN
S: 250 STARTTLS
E: ready size=1000 starttls auth=PLAIN
