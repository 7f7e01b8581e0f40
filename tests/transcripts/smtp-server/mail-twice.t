# A second MAIL inside a transaction is refused, and changes nothing (52).
%hello

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken

C: MAIL FROM:<other@b.example>
S: 503 5.5.1 not in a mail transaction

C: RCPT TO:<c@d.example>
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken

C: DATA
E: data
S: 354 go ahead, end with a dot

C: x
C: .
E: body x\r\n
S: 250 2.0.0 message taken
