# The same when DATA is refused by state (44).
%hello
%whole

C: DATA
C: MAIL FROM:<evil@b.example>
S: 503 5.5.1 MAIL first
S: 421 4.7.0 bytes came before the 354
E: fatal bytes came before the 354
