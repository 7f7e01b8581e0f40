# Empty lines are kept, at the end too.
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

C: 
C: 
C: x
C: 
C: .
E: body \r\n\r\nx\r\n\r\n
S: 250 2.0.0 message taken
