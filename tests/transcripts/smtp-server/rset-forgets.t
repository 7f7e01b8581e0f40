# RSET forgets the transaction; no stale recipient is used (52).
%mail

C: RSET
S: 250 2.0.0 forgotten
E: reset

C: DATA
S: 503 5.5.1 MAIL first

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken

C: DATA
S: 503 5.5.1 RCPT first

C: RSET
S: 250 2.0.0 forgotten
E: reset

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first
