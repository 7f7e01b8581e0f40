# Somebody unknown has five.
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a X
C: b X
C: c X
C: d X
C: e X
C: f NOOP
S: a BAD this command is not known here
S: b BAD this command is not known here
S: c BAD this command is not known here
S: d BAD this command is not known here
S: e BAD this command is not known here
S: * BYE too many bad commands
E: fatal too many bad commands
