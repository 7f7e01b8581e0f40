# One that does not wait is on its way.
%state in
C: a APPEND Sent {3}
A: NO [TRYCREATE] no
E: a APPEND Sent of 3
S: a NO [TRYCREATE] no
C: b APPEND Sent {3+}
C: abc
A: NO [TRYCREATE] no
E: b APPEND Sent of 3
S: b NO [TRYCREATE] no
C: c NOOP
E: c NOOP
S: c OK done
