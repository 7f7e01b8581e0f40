# 8-bit text goes on in literals (RFC 9051 4.3), whatever it came in; it does not stand
# outside of strings (THREATS 78).
%state selected
C: a SEARCH SUBJECT "\xc3\xa9"
E: a SEARCH SUBJECT {2}\r\n\xc3\xa9
S: a OK done
C: b SEARCH SUBJECT \xc3\xa9
S: b BAD 8-bit text must come in a string
C: c SEARCH CHARSET UTF-8 SUBJECT {2+}
C: \xc3\xa9
E: c SEARCH CHARSET UTF-8 SUBJECT {2+}\r\n\xc3\xa9
S: c OK done
C: d SEARCH OR (FROM "\\"\xe9\\\\") TEXT "a b" FROM {3+}
C: "\xe9" SUBJECT "\xe9" ALL
E: d SEARCH OR (FROM {3}\r\n"\xe9\\) TEXT "a b" FROM {3+}\r\n"\xe9" SUBJECT {1}\r\n\xe9 ALL
S: d OK done
C: e COPY 1 "Entw\xc3\xbcrfe"
E: e COPY 1 {9}\r\nEntw\xc3\xbcrfe
S: e OK done
C: f APPEND "Entw\xc3\xbcrfe" (\\Seen) {3+}
C: abc
E: f APPEND {9}\r\nEntw\xc3\xbcrfe (\\Seen) of 3
E: body abc
S: f OK done
C: g APPEND Entw\xc3\xbcrfe {3+}
C: abc
S: g BAD 8-bit text must come in a string
# a date in a literal would be a message beside the one that is sealed (THREATS 96)
C: i APPEND Sent "secr\xe9t" {3+}
C: abc
S: i BAD a message is due
C: j APPEND "\xe9" (\\Seen) "secr\xe9t" ~{3+}
C: abc
S: j BAD no binary literal is due
C: h NOOP
E: h NOOP
S: h OK done
