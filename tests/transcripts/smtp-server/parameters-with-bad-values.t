# Values are checked (49, 58).
%hello
%bad 100

C: MAIL FROM:<a@b.example> SIZE
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> SIZE=
S: 501 5.5.4 the parameters are not in order

C: MAIL FROM:<a@b.example> SIZE=-1
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> SIZE=1x
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> SIZE=123456789012345678901
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> BODY=BINARYMIME
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> SMTPUTF8=yes
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> RET=ALL
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> ENVID=
S: 501 5.5.4 the parameters are not in order

C: MAIL FROM:<a@b.example> REQUIRETLS=1
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> =x
S: 501 5.5.4 the parameters are not in order

C: MAIL FROM:<a@b.example> A=B=C
S: 501 5.5.4 the parameters are not in order

C: MAIL FROM:<a@b.example> -X=1
S: 501 5.5.4 the parameters are not in order
