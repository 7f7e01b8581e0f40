# Each of them would do; the last one that does not fit in is skipped, not cut.
%state selected
C: a SEARCH TEXT {200000+}
C: \{200000:x} TEXT {70000+}
C: \{70000:y}
C: b NOOP
C: c SEARCH TEXT {200000+}
C: \{200000:x} TEXT {70000}
C: d NOOP
S: a BAD [TOOBIG] too long
E: b NOOP
S: b OK done
S: c BAD [TOOBIG] too long
E: d NOOP
S: d OK done
