# One 421 is enough.
%hello
%bad 1
%whole

C: DATA
C: x
S: 421 4.7.0 too many bad commands
E: fatal too many bad commands
