S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
E: ready IMAP4REV1 IDLE LITERAL+

S: * LIST () "/" {1+}
S: a
E: failed peer a literal that does not wait in a response
