# A message: dots undone, bytes exact (42).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

C: Subject: hi
C: 
C: ..dot
C: ...
C: .. x
C: text.
C: .
E: body Subject: hi\r\n\r\n.dot\r\n..\r\n. x\r\ntext.\r\n
S: 250 2.0.0 message taken
