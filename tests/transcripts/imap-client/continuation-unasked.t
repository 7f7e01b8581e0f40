S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say NOOP
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 NOOP

S: + go on
E: failed peer asked for more where nothing is due
E: busy
