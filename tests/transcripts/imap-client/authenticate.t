S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: say AUTHENTICATE LOGIN
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 AUTHENTICATE LOGIN

S: + VXNlcm5hbWU6
A: line YQ==
A: line YQ==
E: continue VXNlcm5hbWU6
C: YQ==
E: cannot

S: + UGFzc3dvcmQ6
A: line Yg==
E: continue UGFzc3dvcmQ6
C: Yg==

S: * CAPABILITY IMAP4rev1 X
S: L1 OK in
A: say NOOP
E: * CAPABILITY IMAP4rev1 X
E: done (told) OK in
C: L2 NOOP

S: L2 OK [CAPABILITY IMAP4rev1 Y] done
E: done (told) OK [CAPABILITY IMAP4rev1 Y] done
