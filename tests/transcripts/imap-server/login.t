# LOGIN with atoms, quoted strings, and literals of both kinds.
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a LOGIN alice secret
A: NO [AUTHENTICATIONFAILED] no
E: a LOGIN alice secret
S: a NO [AUTHENTICATIONFAILED] no
C: b login "al\\"ice" "two  words"
A: NO no
E: b LOGIN "al\\"ice" "two  words"
S: b NO no
C: c LOGIN {5}
C: alice {6+}
C: secret
A: in OK in
S: + OK
E: c LOGIN {5}\r\nalice {6+}\r\nsecret
S: c OK in
C: d LOGIN alice secret
S: d BAD not in this state
