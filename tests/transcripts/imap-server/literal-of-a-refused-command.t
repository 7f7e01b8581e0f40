# It is skipped by its count, and so are those behind it (RFC 7888 4).
%state in
C: a XYZZY {4+}
C: b LO {7+}
C: GOUT\r\n\n
C: c NOOP
C: d XYZZY {4}
C: e NOOP
C: f XYZZY {4+}
C: LIST {4}
C: g NOOP
S: a BAD this command is not known here
E: c NOOP
S: c OK done
S: d BAD this command is not known here
E: e NOOP
S: e OK done
S: f BAD this command is not known here
E: g NOOP
S: g OK done
