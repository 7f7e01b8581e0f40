# What comes with the command waits for the challenge.
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a AUTHENTICATE PLAIN
C: AGEAYg==
C: b NOOP
A: continue 
A: in OK in
E: a AUTHENTICATE PLAIN
S: + 
E: line AGEAYg==
S: a OK in
E: b NOOP
S: b OK done
