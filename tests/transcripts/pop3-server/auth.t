# AUTH with challenges, with an initial response, and cancelled.
S: +OK gw.example Letterlock ready

C: AUTH LOGIN
A: continue VXNlcm5hbWU6
E: AUTH mechanism=LOGIN response=
S: + VXNlcm5hbWU6

C: YWxpY2U=
A: -ERR no
E: line YWxpY2U=
S: -ERR no

C: AUTH PLAIN =
A: continue 
E: AUTH mechanism=PLAIN response==
S: + 

C: *
A: -ERR cancelled
E: line *
S: -ERR cancelled

C: AUTH
C: AUTH PLAIN 
C: AUTH PLAIN a b
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order
