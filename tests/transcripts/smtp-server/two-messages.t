# Two messages in a session; nothing of the first is in the second.
%hello

C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
C: DATA
E: mail <a@b.example>
S: 250 2.1.0 sender taken
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken
E: data
S: 354 go ahead, end with a dot

C: one
C: .
E: body one\r\n
S: 250 2.0.0 message taken

C: RCPT TO:<e@d.example>
S: 503 5.5.1 MAIL first

C: MAIL FROM:<>
C: RCPT TO:<e@d.example>
C: DATA
E: mail <>
S: 250 2.1.0 sender taken
E: rcpt <e@d.example>
S: 250 2.1.5 recipient taken
E: data
S: 354 go ahead, end with a dot

C: two
C: .
E: body two\r\n
S: 250 2.0.0 message taken

C: QUIT
S: 221 2.0.0 goodbye
E: quit
