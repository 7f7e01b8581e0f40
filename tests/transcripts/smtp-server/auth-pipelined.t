# What is pipelined behind AUTH waits for its end.
%hello

C: AUTH PLAIN AGEAYg==
C: MAIL FROM:<a@b.example>
A: done 235 2.7.0 ok
E: auth PLAIN AGEAYg==
S: 235 2.7.0 ok
E: mail <a@b.example>
S: 250 2.1.0 sender taken
