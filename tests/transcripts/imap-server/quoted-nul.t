# In quotes neither (THREATS 78); who reads it as a C string reads another name.
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a LOGIN "alice\0x" secret
C: b NOOP
S: * BYE a NUL, bare CR or bare LF in a command
E: fatal a NUL, bare CR or bare LF in a command
