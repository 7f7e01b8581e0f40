S: * OK hi
C: L1 CAPABILITY

S: * CAPABILITY IMAP4rev1 IDLE
S: L1 OK done
A: say NOOP
E: ready IMAP4REV1 IDLE
C: L2 NOOP

S: L2 OK done
E: done OK done
