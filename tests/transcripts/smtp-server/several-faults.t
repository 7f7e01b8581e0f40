# Of several faults one is named, wherever the bytes are cut.
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

c: \0one\nline\{3000:x}\r\n.\r\n
S: 550 5.6.11 bare CR or LF in the message
E: bad bare CR or LF in the message
