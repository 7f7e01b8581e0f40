# USER and PASS; the password is all the rest of the line.
S: +OK gw.example Letterlock ready

C: user alice@example.org
C: PASS  two words 
A: in +OK
S: +OK
E: PASS name=alice@example.org password= two words 
S: +OK

C: STAT
A: +OK 2 320
E: STAT
S: +OK 2 320
