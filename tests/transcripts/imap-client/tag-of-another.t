S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say NOOP
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 NOOP

S: L2 OK done
E: failed peer answered what was not asked
E: busy
