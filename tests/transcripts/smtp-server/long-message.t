# Many lines, dots among them, in any pieces.
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

C: \{40:a line of text, neither short nor long\r\n..a line with a dot\r\n\r\n}
C: .
E: body a line of text, neither short nor long\r\n.a line with a dot\r\n\r\na line of text, neither short nor long\r\n.a line with a dot\r\n\r\na line of text, neither short nor long\r\n.a line with a dot\r\n\r\na line of text, neither short nor long\r\n.a line with a dot\r\n\r\na line of text, neither short nor long\r\n.a line... 2487 octets, sum 43e3f4b3
S: 250 2.0.0 message taken
