%starttls
S: * OK [CAPABILITY IMAP4rev1 STARTTLS X] hi
C: L1 STARTTLS

S: L1 OK begin
A: secured
E: starttls
C: L2 CAPABILITY

S: * CAPABILITY IMAP4rev1
S: L2 OK done
E: ready IMAP4REV1
