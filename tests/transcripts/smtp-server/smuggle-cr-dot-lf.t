# Not an end of data; the message is refused (36).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

c: Subject: x\r\n\r\none\r.\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<v@d.example>\r\nDATA\r\ntwo\r\n.\r\n
S: 550 5.6.11 bare CR or LF in the message
E: bad bare CR or LF in the message

C: NOOP
S: 250 2.0.0 OK
