# It comes in runs, with a literal in it.
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say FETCH 1 BODY[]
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 FETCH 1 BODY[]

S: * 1 FETCH (BODY[] {150000}
S: \{150000:x} UID 7 BODY[1] {3}
S: abc)
S: L1 OK done
E: big 1 FETCH (BODY[] {150000}\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... 150054 octets, sum f595ec39
E: done OK done
