# NUL CRLF.CRLF is an end, the NUL makes the message bad (38).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

c: one\0\r\n.\r\n
S: 550 5.6.0 NUL in the message
E: bad NUL in the message

C: NOOP
S: 250 2.0.0 OK
