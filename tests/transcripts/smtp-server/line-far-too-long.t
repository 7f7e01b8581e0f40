# A long line is dropped and said once (48).
%hello

C: MAIL FROM:<\{60000:a}@b.example>
S: 500 5.5.2 line too long

C: NOOP
S: 250 2.0.0 OK
