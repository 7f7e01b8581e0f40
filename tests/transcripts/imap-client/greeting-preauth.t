# Nobody has logged in (THREATS B).
S: * PREAUTH [CAPABILITY IMAP4rev1] welcome
E: failed peer greeted with a login that nobody gave
