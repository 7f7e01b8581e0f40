# One message at a time (MULTIAPPEND), and nothing behind it (CATENATE).
%state in
C: a APPEND Sent {3+}
C: abc {3+}
C: def
C: b APPEND Sent {3+}
C: abc (\\Seen) {3}
C: c APPEND Sent {3+}
C: abcdef
C: d NOOP
E: a APPEND Sent of 3
S: a BAD one message at a time
E: body is bad abc
E: b APPEND Sent of 3
S: b BAD one message at a time
E: body is bad abc
E: c APPEND Sent of 3
S: c BAD the command does not end with its message
E: body is bad abc
E: d NOOP
S: d OK done
