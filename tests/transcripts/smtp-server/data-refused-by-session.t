# DATA refused: the transaction stays, and may be tried again.
%mail

C: DATA
A: 452 4.3.1 spool full: try again
E: data
S: 452 4.3.1 spool full: try again

C: DATA
E: data
S: 354 go ahead, end with a dot

C: x
C: .
E: body x\r\n
S: 250 2.0.0 message taken
