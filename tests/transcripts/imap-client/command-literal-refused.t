S: * OK [CAPABILITY IMAP4rev1] hi
A: say LOGIN {5}\nalice {6}\nsecret
E: ready IMAP4REV1
C: L1 LOGIN {5}

S: L1 NO no
A: say NOOP
E: done NO no
C: L2 NOOP

S: L2 OK done
E: done OK done
