# NUL, bare CR, bare LF and controls in names and passwords (31).
S: +OK gw.example Letterlock ready

C: USER a\0b
C: USER a\nSTAT
C: USER a\x01
C: USER a\rb
S: -ERR a line too long, or with a stray CR, LF or NUL
S: -ERR a line too long, or with a stray CR, LF or NUL
S: -ERR these arguments are not in order
S: -ERR a line too long, or with a stray CR, LF or NUL

C: USER alice
S: +OK

C: PASS a\tb
S: -ERR these arguments are not in order
E: fatal too many bad commands
