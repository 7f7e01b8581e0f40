%state in
C: a NOOP \{65537:x}
S: * BYE too long a line
E: fatal too long a line
