S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say IDLE
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 IDLE

S: + idling
S: * 4 EXISTS
A: line DONE
E: continue idling
E: * 4 EXISTS
C: DONE

S: L1 OK done
E: done OK done
