%state in
c: a NOOP\n
C: b NOOP
S: * BYE a NUL, bare CR or bare LF in a command
E: fatal a NUL, bare CR or bare LF in a command
