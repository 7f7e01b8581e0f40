%state in
C: a APPEND Sent (\\Seen $x) " 1-Jan-2026 10:00:00 +0000" {5}
c: h\0llo
C: 
C: b APPEND "a b" {5+}
C: hello
C: c APPEND {4+}
C: Sent {3}
C: abc
E: a APPEND Sent (\\Seen $x) " 1-Jan-2026 10:00:00 +0000" of 5
S: + OK
E: body h\x00llo
S: a OK done
E: b APPEND "a b" of 5
E: body hello
S: b OK done
E: c APPEND {4+}\r\nSent of 3
S: + OK
E: body abc
S: c OK done
