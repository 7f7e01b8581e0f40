# Verbs and keywords may be in any case.

C: eHlO client.example
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

C: mail from:<a@b.example> body=8bitmime
E: mail <a@b.example> body=8bitmime (8 bit)
S: 250 2.1.0 sender taken

C: Rcpt To:<c@d.example>
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken

C: rset
S: 250 2.0.0 forgotten
E: reset

C: quit
S: 221 2.0.0 goodbye
E: quit
