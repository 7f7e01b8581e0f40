# The session says 421 of itself.
%hello

C: NOOP
A: end 421 4.3.2 shutting down
S: 250 2.0.0 OK
S: 421 4.3.2 shutting down
E: fatal ended by the session

C: NOOP
