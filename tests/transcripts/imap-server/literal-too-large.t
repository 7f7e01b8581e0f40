# One that waits is refused before it comes; the other is skipped.
%state selected
C: a SEARCH TEXT {262145}
C: b NOOP
C: c SEARCH TEXT {262145+}
c: \{262145:x}
C:  FLAGGED
C: d NOOP
S: a BAD [TOOBIG] too long
E: b NOOP
S: b OK done
S: c BAD [TOOBIG] too long
E: d NOOP
S: d OK done
