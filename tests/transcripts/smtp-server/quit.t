# QUIT is the last: nothing behind it is read.
%mail

C: QUIT
C: NOOP
S: 221 2.0.0 goodbye
E: quit
