%state in
%bad 3
C: a X
C: b X
C: c X
S: a BAD this command is not known here
S: b BAD this command is not known here
S: c BAD this command is not known here
S: * BYE too many bad commands
E: fatal too many bad commands
