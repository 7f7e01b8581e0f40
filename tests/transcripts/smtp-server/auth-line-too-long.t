# A line over 12,288 octets ends the exchange, not the session (35).
%hello

C: AUTH PLAIN
A: continue 
E: auth PLAIN
S: 334 

C: \{12300:A}
A: done 501 5.5.2 not in order
E: auth-cancel
S: 501 5.5.2 not in order

C: NOOP
S: 250 2.0.0 OK
