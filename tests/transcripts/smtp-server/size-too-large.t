# SIZE over the limit is 552 at MAIL (56).
%hello
%message-size 1000

C: MAIL FROM:<a@b.example> SIZE=1001
S: 552 5.3.4 message too large

C: MAIL FROM:<a@b.example> SIZE=99999999999999999999
S: 552 5.3.4 message too large

C: MAIL FROM:<a@b.example> SIZE=1000
E: mail <a@b.example> SIZE=1000 (1000 octets)
S: 250 2.1.0 sender taken
