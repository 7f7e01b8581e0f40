# A whole transaction in two segments, answered in order (62).

C: EHLO client.example
C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
C: RCPT TO:<e@d.example>
C: DATA
A: hello
A: 250 2.1.0 ok
A: 550 5.1.1 no
A: 250 2.1.5 ok
E: hello EHLO client.example
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
S: 250 2.1.0 ok
E: rcpt <c@d.example>
S: 550 5.1.1 no
E: rcpt <e@d.example>
S: 250 2.1.5 ok
E: data
S: 354 go ahead, end with a dot

C: x
C: .
C: QUIT
E: body x\r\n
S: 250 2.0.0 message taken
S: 221 2.0.0 goodbye
E: quit
