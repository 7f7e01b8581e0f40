# A response is one piece, whatever its literals look like.
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say FETCH 1 BODY[]
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 FETCH 1 BODY[]

S: * 1 FETCH (BODY[] {12}
S: L1 OK fine\r\n)
S: * LIST () "/" {1}
S: a
S: * 2 FETCH (BODY[1] {0}
S:  BODY[2] ~{3}
S: a\0b)
S: L1 OK done
E: * 1 FETCH (BODY[] {12}\r\nL1 OK fine\r\n)
E: * LIST () "/" {1}\r\na
E: * 2 FETCH (BODY[1] {0}\r\n BODY[2] ~{3}\r\na\x00b)
E: done OK done
