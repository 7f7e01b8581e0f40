# They need not be asked for (RFC 9051 7.1).
S: * OK [CAPABILITY IMAP4rev1 IDLE] hi
A: say NOOP
E: ready IMAP4REV1 IDLE
C: L1 NOOP

S: L1 OK done
E: done OK done
