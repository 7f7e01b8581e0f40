# A password in a literal is refused before it is asked for; one that does not
# wait is skipped.
%plaintext no
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a LOGIN {5}
C: b LOGIN {5+}
C: alice {6+}
C: secret
C: c NOOP
S: a NO [PRIVACYREQUIRED] TLS is needed first
S: b NO [PRIVACYREQUIRED] TLS is needed first
E: c NOOP
S: c OK done
