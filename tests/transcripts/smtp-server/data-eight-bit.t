# 8-bit text passes as it is (57).
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

C: caf\xc3\xa9 \xff\xfe
C: .
E: body caf\xc3\xa9 \xff\xfe\r\n
S: 250 2.0.0 message taken
