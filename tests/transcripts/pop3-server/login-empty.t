# A name and a password are due; controls stand in neither, nor in AUTH (31, 106).
S: +OK gw.example Letterlock ready

C: USER 
C: PASS x
C: USER a\x7f
C: AUTH PLAIN =\x01
S: -ERR these arguments are not in order
S: -ERR USER comes first
S: -ERR these arguments are not in order
S: -ERR these arguments are not in order

C: AUTH \x7f
S: -ERR these arguments are not in order
E: fatal too many bad commands
