# Every code has its next state (24).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
A: say RSET
E: ready size=52428800 pipelining 8bitmime dsn auth=PLAIN LOGIN
C: RSET

S: 502 what
A: say NOOP
E: reply 502 what
C: NOOP

S: 299 hm
A: say RSET
E: reply 299 hm
C: RSET

S: 421 gone
E: reply 421 gone

S: 250 x
E: failed peer a reply came that nothing asked for
