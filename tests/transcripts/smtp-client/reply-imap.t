# What is no reply ends it (28).

S: * OK IMAP4rev1
E: failed peer no SMTP reply: * OK IMAP4rev1
