S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a AUTHENTICATE PLAIN AGEAYg==
A: NO no
E: a AUTHENTICATE PLAIN AGEAYg==
S: a NO no
C: b AUTHENTICATE PLAIN
A: continue 
E: b AUTHENTICATE PLAIN
S: + 
C: AGEAYg==
A: in OK in
E: line AGEAYg==
S: b OK in
