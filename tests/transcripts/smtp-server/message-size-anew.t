# Each message has its own size.
%mail
%message-size 100

C: DATA
E: data
S: 354 go ahead, end with a dot

C: \{90:x}
C: .
E: body xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n
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

C: \{90:x}
C: .
E: body xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n
S: 250 2.0.0 message taken
