S: +OK ready
E: failed peer greeted with what is no IMAP
