S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: message 5 APPEND Sent
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 APPEND Sent {5}

S: + go
A: body he
E: go

S: L1 NO enough
E: failed peer gave up in the middle of a message
E: busy
