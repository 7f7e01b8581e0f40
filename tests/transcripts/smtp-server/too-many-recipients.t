# Beyond the limit 452; refused ones do not count, the first are served (51).
%hello
%recipients 2

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken

C: RCPT TO:<c1@d.example>
E: rcpt <c1@d.example>
S: 250 2.1.5 recipient taken

C: RCPT TO:<c2@d.example>
A: 550 5.1.1 no
E: rcpt <c2@d.example>
S: 550 5.1.1 no

C: RCPT TO:<c3@d.example>
E: rcpt <c3@d.example>
S: 250 2.1.5 recipient taken

C: RCPT TO:<c4@d.example>
S: 452 4.5.3 too many recipients

C: DATA
E: data
S: 354 go ahead, end with a dot

C: x
C: .
E: body x\r\n
S: 250 2.0.0 message taken

C: MAIL FROM:<a@b.example>
C: RCPT TO:<c5@d.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken
E: rcpt <c5@d.example>
S: 250 2.1.5 recipient taken
