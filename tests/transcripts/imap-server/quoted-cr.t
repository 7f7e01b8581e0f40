# In quotes neither (THREATS 78).
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a LOGIN "al\rice" secret
C: b NOOP
S: * BYE a NUL, bare CR or bare LF in a command
E: fatal a NUL, bare CR or bare LF in a command
