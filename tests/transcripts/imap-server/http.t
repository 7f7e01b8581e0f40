# Another protocol is no tag and no verb (ALPACA).
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: GET / HTTP/1.1
C: Host: x
C: 
S: GET BAD this command is not known here
S: Host: BAD this command is not known here
S: * BAD that is no tag
