# In words for people nothing is one (THREATS 72).
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi {3}
A: say IDLE
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 IDLE

S: + idling {12}
S: * OK still here {11}
S: * 4 EXISTS
A: line DONE
E: continue idling {12}
E: * OK still here {11}
E: * 4 EXISTS
C: DONE

S: L1 OK {9}
E: done OK {9}
