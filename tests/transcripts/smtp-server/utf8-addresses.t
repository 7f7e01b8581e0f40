# 8-bit addresses need SMTPUTF8, and must be UTF-8 (59, 49).
%hello

C: MAIL FROM:<\xc3\xa9@b.example>
S: 553 5.6.7 an address in UTF-8 needs SMTPUTF8

C: MAIL FROM:<\xff@b.example> SMTPUTF8
S: 501 5.1.7 this is no address

C: MAIL FROM:<\xc3\xa9@b.example> SMTPUTF8
E: mail <\xc3\xa9@b.example> SMTPUTF8 (UTF-8)
S: 250 2.1.0 sender taken

C: RCPT TO:<c@caf\xc3\xa9.example>
E: rcpt <c@caf\xc3\xa9.example>
S: 250 2.1.5 recipient taken

C: RCPT TO:<c\xe9@d.example>
S: 501 5.1.3 this is no address

C: RSET
S: 250 2.0.0 forgotten
E: reset

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken

C: RCPT TO:<c@caf\xc3\xa9.example>
S: 553 5.6.7 an address in UTF-8 needs SMTPUTF8
