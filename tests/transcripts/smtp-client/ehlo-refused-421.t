# No fall-back to HELO (24).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 421 4.3.0 no
E: failed temp EHLO was answered: 421 4.3.0 no
