# Some read it as one of 14 octets (THREATS 72).
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
E: ready IMAP4REV1 IDLE LITERAL+

S: * LIST () "/" {014}
E: failed peer a malformed literal in a response
