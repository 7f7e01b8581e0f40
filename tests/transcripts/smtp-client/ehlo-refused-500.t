# No fall-back to HELO (24).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 500 5.5.1 what
E: failed temp EHLO was answered: 500 5.5.1 what
