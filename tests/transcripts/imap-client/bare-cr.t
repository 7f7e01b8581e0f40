S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
E: ready IMAP4REV1 IDLE LITERAL+

S: * OK a\rb
E: failed peer a NUL, bare CR or bare LF in a response
