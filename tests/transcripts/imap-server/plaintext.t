# No password before TLS where it may not come in the clear (THREATS A).
%plaintext no
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a LOGIN alice secret
C: b AUTHENTICATE PLAIN AGEAYg==
C: c AUTHENTICATE PLAIN
C: d CAPABILITY
S: a NO [PRIVACYREQUIRED] TLS is needed first
S: b NO [PRIVACYREQUIRED] TLS is needed first
S: c NO [PRIVACYREQUIRED] TLS is needed first
E: d CAPABILITY
S: d OK done
