# CHUNKING is not offered: BDAT is 502 (53).
%mail

C: BDAT 3 LAST
S: 502 5.5.1 this command is not offered

C: NOOP
S: 250 2.0.0 OK

C: BDAT 0
S: 502 5.5.1 this command is not offered

C: BDAT 18446744073709551616
S: 502 5.5.1 this command is not offered

C: BDAT -1 LAST
S: 502 5.5.1 this command is not offered

C: BDAT
S: 502 5.5.1 this command is not offered
