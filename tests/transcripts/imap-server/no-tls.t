# STARTTLS where there is none, or where it is active.
%tls none
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a STARTTLS
C: b LOGIN alice secret
A: in OK in
S: a BAD TLS is active or not offered
E: b LOGIN alice secret
S: b OK in
