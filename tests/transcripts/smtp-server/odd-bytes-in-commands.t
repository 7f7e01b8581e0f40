# NUL, bare CR, bare LF in a command are 501; the line is eaten up to its CRLF (49).
%hello

c: MAIL FROM:<a\0@b.example>\r\n
S: 501 5.5.2 NUL, bare CR or bare LF in a line

c: MAIL FROM:<a@b.example>\nRCPT TO:<x@y.example>\r\n
S: 501 5.5.2 NUL, bare CR or bare LF in a line

c: MAIL FROM:<a@b.example>\rRCPT TO:<x@y.example>\r\n
S: 501 5.5.2 NUL, bare CR or bare LF in a line

c: \nNOOP\r\n
S: 501 5.5.2 NUL, bare CR or bare LF in a line

c: NOOP\r\r\n
S: 501 5.5.2 NUL, bare CR or bare LF in a line

c: \0\r\n
S: 501 5.5.2 NUL, bare CR or bare LF in a line

C: NOOP
S: 250 2.0.0 OK
