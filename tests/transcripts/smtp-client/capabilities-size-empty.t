# SIZE without a number: no fixed limit.

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250 SIZE
E: ready size=0
