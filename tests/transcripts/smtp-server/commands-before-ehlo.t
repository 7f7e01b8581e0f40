# Nothing of a transaction before EHLO (503).

C: MAIL FROM:<a@b.example>
S: 503 5.5.1 EHLO first

C: RCPT TO:<a@b.example>
S: 503 5.5.1 EHLO first

C: DATA
S: 503 5.5.1 EHLO first

C: AUTH PLAIN AGEAYg==
S: 503 5.5.1 EHLO first

C: NOOP
S: 250 2.0.0 OK

C: RSET
S: 250 2.0.0 forgotten
E: reset

C: HELP
S: 214 2.0.0 see RFC 5321

C: VRFY bob
S: 252 2.0.0 cannot verify, but will try to send

C: QUIT
S: 221 2.0.0 goodbye
E: quit
