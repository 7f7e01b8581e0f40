# "=" is an empty initial response, not none (35).
%hello

C: AUTH PLAIN =
A: done 501 5.5.2 no PLAIN message
E: auth PLAIN =
S: 501 5.5.2 no PLAIN message

C: AUTH PLAIN
A: continue 
E: auth PLAIN
S: 334 

C: 
A: done 501 5.5.2 no PLAIN message
E: auth-line 
S: 501 5.5.2 no PLAIN message
