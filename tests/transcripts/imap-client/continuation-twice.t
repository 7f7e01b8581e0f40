S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say IDLE
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 IDLE

S: + idling
S: + idling
E: continue idling
E: failed peer asked for more where nothing is due
E: busy
