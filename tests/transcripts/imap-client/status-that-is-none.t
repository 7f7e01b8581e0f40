S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say NOOP
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 NOOP

S: L1 FINE done
E: failed peer answered a command with no status
E: busy
