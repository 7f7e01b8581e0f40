# SEARCH has none; to whom it is none its octets are a response (THREATS 72).
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
E: ready IMAP4REV1 IDLE LITERAL+

S: * SEARCH 1 {14}
E: failed peer a literal where none is due in a response
