# The same with commands behind it.
%mail

C: EHLO again.example
C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
C: RSET
E: reset
E: hello EHLO again.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250-AUTH PLAIN LOGIN
S: 250 ENHANCEDSTATUSCODES
E: mail <a@b.example>
S: 250 2.1.0 sender taken
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken
S: 250 2.0.0 forgotten
E: reset
