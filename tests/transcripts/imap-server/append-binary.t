# RFC 3516 4.4.
%state in
C: a APPEND Sent ~{5}
c: h\0llo
C: 
C: b APPEND Sent (\\Draft) ~{3+}
C: abc
E: a APPEND Sent of 5 binary
S: + OK
E: body h\x00llo
S: a OK done
E: b APPEND Sent (\\Draft) of 3 binary
E: body abc
S: b OK done
