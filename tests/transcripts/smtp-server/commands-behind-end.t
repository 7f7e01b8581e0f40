# Commands behind the end of data wait for its reply (44, 62).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

C: x
C: .
C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
C: RSET
C: QUIT
A: relay 250 2.0.0 queued as 1
E: body x\r\n
S: 250 2.0.0 queued as 1
E: mail <a@b.example>
S: 250 2.1.0 sender taken
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken
S: 250 2.0.0 forgotten
E: reset
S: 221 2.0.0 goodbye
E: quit
