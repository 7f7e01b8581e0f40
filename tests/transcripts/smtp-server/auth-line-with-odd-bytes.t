# NUL, bare CR or bare LF in an answer cancels it (31).
%hello

C: AUTH PLAIN
A: continue 
E: auth PLAIN
S: 334 

c: AGEA\0Yg==\r\n
E: auth-cancel
S: 501 5.7.0 cancelled

C: AUTH PLAIN
A: continue 
E: auth PLAIN
S: 334 

c: AGEA\nYg==\r\n
E: auth-cancel
S: 501 5.7.0 cancelled

C: AUTH PLAIN
A: continue 
E: auth PLAIN
S: 334 

c: AGEA\rYg==\r\n
E: auth-cancel
S: 501 5.7.0 cancelled
