S: * OK [CAPABILITY IMAP4rev1] hi
A: say LOGIN {5}\nalice {6}\nsecret
E: ready IMAP4REV1
C: L1 LOGIN {5}

S: L1 OK in
E: failed peer answered a command before its end
E: busy
