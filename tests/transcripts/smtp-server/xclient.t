# XCLIENT, XFORWARD and a PROXY header are not known (64).
%hello

C: XCLIENT NAME=x ADDR=192.0.2.1
S: 502 5.5.1 this command is not offered

C: XFORWARD NAME=x
S: 502 5.5.1 this command is not offered

C: PROXY TCP4 192.0.2.1 192.0.2.2 1 25
S: 500 5.5.1 command not known
