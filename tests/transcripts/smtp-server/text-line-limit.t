# A line of the limit passes, one octet more does not; nothing is cut (47).
%mail
%text-line 100

C: DATA
E: data
S: 354 go ahead, end with a dot

C: \{98:x}
C: .
E: body xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n
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

C: \{99:x}
C: .
S: 554 5.6.0 too long a line in the message
E: bad too long a line in the message

C: NOOP
S: 250 2.0.0 OK
