# 8-bit text comes in literals (RFC 9051 4.3.1).
%state selected
C: a SEARCH SUBJECT "\xc3\xa9"
C: b SEARCH SUBJECT \xc3\xa9
C: c SEARCH CHARSET UTF-8 SUBJECT {2+}
C: \xc3\xa9
S: a BAD 8-bit text must come in a literal
S: b BAD 8-bit text must come in a literal
E: c SEARCH CHARSET UTF-8 SUBJECT {2+}\r\n\xc3\xa9
S: c OK done
