%state in
C: a NOOP\rb NOOP
S: * BYE a NUL, bare CR or bare LF in a command
E: fatal a NUL, bare CR or bare LF in a command
