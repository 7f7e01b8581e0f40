# Arguments are numbers, or none.
%in

C: LIST 0
C: RETR
C: RETR 1 2
C: TOP 1
C: TOP 1 -1
C: DELE +1
C: NOOP x
C: RETR 1000000000
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order

C: STAT 
S: -ERR these arguments are not in order

C: QUIT
E: QUIT
S: +OK
