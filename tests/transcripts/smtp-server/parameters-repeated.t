# Twice the same is 501, in whatever case.
%hello

C: MAIL FROM:<a@b.example> SIZE=10 size=10
S: 501 5.5.4 a parameter came twice

C: MAIL FROM:<a@b.example> SMTPUTF8 SMTPUTF8
S: 501 5.5.4 a parameter came twice

C: MAIL FROM:<a@b.example> BODY=7BIT BODY=8BITMIME
S: 501 5.5.4 a parameter came twice
