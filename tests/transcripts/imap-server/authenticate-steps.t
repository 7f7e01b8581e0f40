# Two challenges, and one that is cancelled.
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a AUTHENTICATE LOGIN
A: continue VXNlcm5hbWU6
E: a AUTHENTICATE LOGIN
S: + VXNlcm5hbWU6
C: YQ==
A: continue UGFzc3dvcmQ6
E: line YQ==
S: + UGFzc3dvcmQ6
C: Yg==
A: NO no
E: line Yg==
S: a NO no
C: b AUTHENTICATE LOGIN
A: continue VXNlcm5hbWU6
E: b AUTHENTICATE LOGIN
S: + VXNlcm5hbWU6
C: *
A: BAD cancelled
E: line *
S: b BAD cancelled
C: c NOOP
E: c NOOP
S: c OK done
