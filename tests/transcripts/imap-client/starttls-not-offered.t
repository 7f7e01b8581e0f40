%starttls
S: * OK [CAPABILITY IMAP4rev1] hi
C: L1 CAPABILITY

S: * CAPABILITY IMAP4rev1
S: L1 OK done
E: failed tls TLS not offered
