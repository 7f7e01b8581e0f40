%state in
C: a APPEND {3}
C: abc
C: b APPEND Sent(\\Seen) {3+}
C: abc
C: c APPEND Sent CATENATE (TEXT {3+}
C: abc)
C: d APPEND Sent UTF8 (~{3+}
C: abc)
C: e APPEND Sent
S: + OK
S: a BAD a message is due
E: b APPEND Sent(\\Seen) of 3
E: body abc
S: b OK done
S: c BAD a message is due
S: d BAD no binary literal is due
S: e BAD a message is due
