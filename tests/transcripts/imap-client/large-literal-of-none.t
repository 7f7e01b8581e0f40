# {0} behind what is too large already.
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say FETCH 1 BODY[]
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 FETCH 1 BODY[]

S: * 1 FETCH (BODY[1] {140000}
S: \{140000:x} BODY[2] {0}
S: )
S: L1 OK done
E: big 1 FETCH (BODY[1] {140000}\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... 140046 octets, sum 0248fdf6
E: done OK done
