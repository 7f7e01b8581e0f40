S: * OK [CAPABILITY IMAP4rev2] hi
C: L1 CAPABILITY

S: * CAPABILITY IMAP4rev2
S: L1 OK done
E: failed peer does not say that it speaks IMAP4rev1
