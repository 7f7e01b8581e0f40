# Commands that come together are answered one by one, in order.
%in

C: LIST
C: list 2
C: UIDL 1
C: RETR 999999999
C: TOP 3 0
C: DELE 1
C: NOOP
C: RSET
C: QUIT
A: +OK 0
A: +OK 1
A: +OK 2
A: +OK 3
A: +OK 4
A: +OK 5
A: +OK 6
A: +OK 7
A: end +OK bye
E: LIST
S: +OK 0
E: LIST 2
S: +OK 1
E: UIDL 1
S: +OK 2
E: RETR 999999999
S: +OK 3
E: TOP 3 0
S: +OK 4
E: DELE 1
S: +OK 5
E: NOOP
S: +OK 6
E: RSET
S: +OK 7
E: QUIT
S: +OK bye
E: fatal ended by the gateway
