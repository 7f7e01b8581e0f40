S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
E: ready IMAP4REV1 IDLE LITERAL+

S: L1 OK done
E: failed peer answered what was not asked
