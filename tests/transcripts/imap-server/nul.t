%state in
C: a NO\0OP
S: * BYE a NUL, bare CR or bare LF in a command
E: fatal a NUL, bare CR or bare LF in a command
