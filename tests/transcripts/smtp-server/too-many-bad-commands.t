# After so many bad commands the session ends (10).
%bad 3
%hello

C: A
C: B
C: C
C: NOOP
S: 500 5.5.1 command not known
S: 500 5.5.1 command not known
S: 421 4.7.0 too many bad commands
E: fatal too many bad commands
