# LITERAL-: one of up to 4096 octets is not waited for (THREATS 71).
S: * OK [CAPABILITY IMAP4rev1 LITERAL-] hi
A: say SEARCH TEXT {3}\nabc
E: ready IMAP4REV1 LITERAL-
C: L1 SEARCH TEXT {3+}
C: abc

S: L1 OK done
E: done OK done
