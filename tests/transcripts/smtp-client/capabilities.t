# All that we know, in any case; the rest is not heard (34).

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example Hello
S: 250-size 10
S: 250-Auth plain SCRAM-SHA-256
S: 250-AUTH CRAM-MD5 PLAIN
S: 250-AUTH=LOGIN
S: 250-8bitmime
S: 250-SMTPUTF8
S: 250-DSN
S: 250-ENHANCEDSTATUSCODES
S: 250-REQUIRETLS
S: 250-PIPELINING
S: 250-STARTTLS
S: 250-CHUNKING
S: 250-XCLIENT NAME
S: 250 HELP
E: ready size=10 pipelining 8bitmime smtputf8 dsn enhanced starttls requiretls auth=PLAIN SCRAM-SHA-256 CRAM-MD5
