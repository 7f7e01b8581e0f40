S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say NOOP\nLOGOUT
A: say LOGIN {9}\nx
A: say NOOP
A: say NOOP
A: line x
A: body x
E: ready IMAP4REV1 IDLE LITERAL+
E: cannot
E: cannot
C: L1 NOOP
E: cannot
E: cannot
E: cannot

S: L1 OK done
E: done OK done
