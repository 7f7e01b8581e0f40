%state in
%message-size 10
C: a APPEND Sent {11}
C: b APPEND Sent {11+}
C: 12345678901
C: c APPEND Sent {10}
C: 1234567890
S: a NO [TOOBIG] larger than this gateway takes
S: b NO [TOOBIG] larger than this gateway takes
E: c APPEND Sent of 10
S: + OK
E: body 1234567890
S: c OK done
