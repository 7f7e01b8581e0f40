# No fall-back to HELO (24).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 450 no
E: failed temp EHLO was answered: 450 no
