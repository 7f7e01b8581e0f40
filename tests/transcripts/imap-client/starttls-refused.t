%starttls
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: L1 STARTTLS

S: L1 NO not today
E: failed tls TLS not offered: STARTTLS was refused
