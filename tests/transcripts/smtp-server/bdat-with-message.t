# The same in one piece.
%mail
%whole

C: BDAT 30 LAST
C: RSET
C: x
S: 502 5.5.1 this command is not offered
S: 421 4.7.0 bytes came before the 354
E: fatal bytes came before the 354
