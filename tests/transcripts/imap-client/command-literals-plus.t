# LITERAL+: none is waited for.
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say LOGIN {5}\nalice {6}\nsecret
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 LOGIN {5+}
C: alice {6+}
C: secret

S: L1 OK in
E: done OK in
