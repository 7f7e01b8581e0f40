# No CR, LF or NUL goes out: see test_smtp_client for those bytes; 8-bit does.

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say NOOP é
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: NOOP \xc3\xa9

S: 250 ok
E: reply 250 ok
