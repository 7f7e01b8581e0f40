# The longest command line is taken, one more octet is 500 (48).
%hello

C: NOOP \{2041:x}
S: 250 2.0.0 OK

C: NOOP \{2042:x}
S: 500 5.5.2 line too long

C: NOOP
S: 250 2.0.0 OK
