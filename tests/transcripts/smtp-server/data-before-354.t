# Bytes behind DATA that did not wait for the 354: the end (44).
%mail
%whole

C: DATA
C: Subject: x
C: .
E: data
S: 421 4.7.0 bytes came before the 354
E: fatal bytes came before the 354
