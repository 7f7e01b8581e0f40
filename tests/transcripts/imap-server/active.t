%tls active
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a STARTTLS
C: b STARTTLS now
C: c LOGIN alice secret
A: in OK in
S: a BAD TLS is active or not offered
S: b BAD no argument is due
E: c LOGIN alice secret
S: c OK in
