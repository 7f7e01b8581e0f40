%state in
C: a APPEND Sent {0}
C: 
C: b APPEND Sent {0+}
C: 
E: a APPEND Sent of 0
S: + OK
E: body 
S: a OK done
E: b APPEND Sent of 0
E: body 
S: b OK done
