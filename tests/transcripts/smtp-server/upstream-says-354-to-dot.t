# The same behind the final dot: no 250, no 354 (54).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

C: x
C: .
A: relay 354 more
E: body x\r\n
S: 451 4.3.0 upstream answered out of order

C: NOOP
S: 250 2.0.0 OK
