# The message waits, so that upstream may refuse it.
S: * OK [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi
A: message 5 APPEND Sent (\Seen)
E: ready IMAP4REV1 IDLE LITERAL+
C: L1 APPEND Sent (\\Seen) {5}

S: + go
A: body hello!
A: body he
A: body llo
E: go
E: cannot
C: hello

S: L1 OK [APPENDUID 1 2] done
E: done OK [APPENDUID 1 2] done
