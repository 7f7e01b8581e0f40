# Not an end of data; the message is refused (37).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

c: one\r\n.\0\r\nMAIL FROM:<evil@b.example>\r\n.\r\n
S: 550 5.6.0 NUL in the message
E: bad NUL in the message

C: NOOP
S: 250 2.0.0 OK
