# What is not in the table is not relayed (THREATS 76, 79, 81).
%state selected
%bad 50
C: a XYZZY
C: b UID XYZZY 1
C: c COMPRESS DEFLATE
C: d GENURLAUTH x
C: e UID
C: f \x01\x02
C: g0 REPLACE 1 INBOX {3+}
C: abc
C: g1 UID REPLACE 1 INBOX {3+}
C: abc
C: g2 URLFETCH imap://x
C: g3 RESETKEY
C: g4 CONVERT 1 ("text/plain") BINARY[1]
C: g5 ESEARCH IN (mailboxes x) ALL
C: g6 UNAUTHENTICATE
C: g7 COMPRESS LZ4
C: g8 CANCELUPDATE x
C: g9 CONTEXT x
C: g10 LANGUAGE de
C: g11 COMPARATOR
C: g12 MULTIAPPEND x
C: g13 CATENATE x
C: g14 UIDONLY
C: g15 X y
C: g16 JMAPACCESS
C: g17 GETJMAPACCESS
S: a BAD this command is not known here
S: b BAD this command is not known here
S: c BAD this command is not known here
S: d BAD this command is not known here
S: e BAD this command is not known here
S: f BAD this command is not known here
S: g0 BAD this command is not known here
S: g1 BAD this command is not known here
S: g2 BAD this command is not known here
S: g3 BAD this command is not known here
S: g4 BAD this command is not known here
S: g5 BAD this command is not known here
S: g6 BAD this command is not known here
S: g7 BAD this command is not known here
S: g8 BAD this command is not known here
S: g9 BAD this command is not known here
S: g10 BAD this command is not known here
S: g11 BAD this command is not known here
S: g12 BAD this command is not known here
S: g13 BAD this command is not known here
S: g14 BAD this command is not known here
S: g15 BAD this command is not known here
S: g16 BAD this command is not known here
S: g17 BAD this command is not known here
