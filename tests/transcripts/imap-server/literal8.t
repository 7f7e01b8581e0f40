# Only a message may come as one.
%state in
C: a LIST "" ~{3}
C: b LIST "" ~{3+}
C: a\0b
C: c NOOP
S: a BAD no binary literal is due
S: b BAD no binary literal is due
E: c NOOP
S: c OK done
