S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: message 5 APPEND Sent
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 APPEND Sent {5}

S: L1 NO [TRYCREATE] no such mailbox
A: say CREATE Sent
E: done NO [TRYCREATE] no such mailbox
C: L2 CREATE Sent

S: L2 OK done
E: done OK done
