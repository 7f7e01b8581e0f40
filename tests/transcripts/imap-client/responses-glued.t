S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say NOOP
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 NOOP

S: * 3 EXISTS
S: * 1 RECENT
S: * OK [CAPABILITY IMAP4rev1 NEW] changed
S: * BYE see you
S: L1 OK done
E: * 3 EXISTS
E: * 1 RECENT
E: * OK [CAPABILITY IMAP4rev1 NEW] changed
E: * BYE see you
E: done (told) OK done
