# What is no control character is part of a name or password, in any encoding (106).
S: +OK gw.example Letterlock ready

C: USER b\xc3\xa4r \xff
C: PASS \xc3\xa4 \x80~
A: in +OK
S: +OK
E: PASS name=b\xc3\xa4r \xff password=\xc3\xa4 \x80~
S: +OK
