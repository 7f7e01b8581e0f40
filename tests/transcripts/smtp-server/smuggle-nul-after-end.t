# CRLF.CRLF NUL is an end, the NUL a bad command (38).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

c: one\r\n.\r\n\0NOOP\r\n
E: body one\r\n
S: 250 2.0.0 message taken
S: 501 5.5.2 NUL, bare CR or bare LF in a line

C: NOOP
S: 250 2.0.0 OK
