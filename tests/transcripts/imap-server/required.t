# TLS comes first.
%tls required
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a LOGIN alice secret
C: b NOOP
S: a NO [PRIVACYREQUIRED] TLS is needed first
E: b NOOP
S: b OK done
C: c STARTTLS
S: c OK begin TLS now
E: starttls
C: d LOGIN alice secret
A: in OK in
E: d LOGIN alice secret
S: d OK in
C: e STARTTLS
S: e BAD not in this state
