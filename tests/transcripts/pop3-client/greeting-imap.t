S: * OK imap here
E: failed peer that is no reply of POP3: * OK imap here
