# A message of the limit passes; one octet more is 552, then all goes on (56).
%mail
%message-size 100

C: DATA
E: data
S: 354 go ahead, end with a dot

C: \{48:x}
C: \{48:x}
C: .
E: body xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n
S: 250 2.0.0 message taken

C: MAIL FROM:<a@b.example>
C: RCPT TO:<c@d.example>
C: DATA
E: mail <a@b.example>
S: 250 2.1.0 sender taken
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken
E: data
S: 354 go ahead, end with a dot

C: \{48:x}
C: \{49:x}
C: NOOP
C: .
C: NOOP
S: 552 5.3.4 message too large
E: bad message too large
S: 250 2.0.0 OK
