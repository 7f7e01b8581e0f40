# After a message that was refused the transaction is over (52).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

c: a\nb\r\n.\r\n
S: 550 5.6.11 bare CR or LF in the message
E: bad bare CR or LF in the message

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first

C: DATA
S: 503 5.5.1 MAIL first
