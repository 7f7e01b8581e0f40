# 250 is the one success (24).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 214 hello
E: failed peer EHLO was answered: 214 hello
