# No fall-back to HELO (24).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 502 5.5.2 what
E: failed temp EHLO was answered: 502 5.5.2 what
