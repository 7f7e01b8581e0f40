# More than 16 of them are 501.
%hello

C: MAIL FROM:<a@b.example> A=1 B=1 C=1 D=1 E=1 F=1 G=1 H=1 I=1 J=1 K=1 L=1 M=1 N=1 O=1 P=1 Q=1
S: 501 5.5.4 the parameters are not in order
