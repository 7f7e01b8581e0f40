# The same when the session refuses it (44).
%mail
%whole

C: DATA
C: RSET
A: 452 4.3.1 spool full
E: data
S: 421 4.7.0 bytes came before the 354
E: fatal bytes came before the 354
