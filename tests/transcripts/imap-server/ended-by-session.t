%state in
C: a NOOP
A: end upstream went away
E: a NOOP
S: * BYE upstream went away
E: fatal ended by the gateway
C: b NOOP
