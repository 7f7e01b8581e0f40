# No fall-back to HELO (24).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 550 no
E: failed temp EHLO was answered: 550 no
