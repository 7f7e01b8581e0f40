# RCPTs pipelined behind a MAIL that was refused are no misuse.
%bad 3
%hello

C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
C: RCPT TO:<e@d.example>
C: RCPT TO:<f@d.example>
A: 550 5.7.1 From is not yours
E: mail <a@b.example>
S: 550 5.7.1 From is not yours
S: 503 5.5.1 MAIL first
S: 503 5.5.1 MAIL first
S: 503 5.5.1 MAIL first

C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken
