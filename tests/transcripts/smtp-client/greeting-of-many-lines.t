# A greeting of several lines, and one without text.

S: 220-mail.example
S: 220-no spam
S: 220
C: EHLO gw.example

S: 250 mail.example
E: ready
