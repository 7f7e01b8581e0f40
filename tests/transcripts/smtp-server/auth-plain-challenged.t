# Without an initial response: an empty challenge, then the line.
%hello

C: AUTH PLAIN
A: continue 
E: auth PLAIN
S: 334 

C: AGFsaWNlAHNlY3JldA==
A: done 235 2.7.0 ok
E: auth-line AGFsaWNlAHNlY3JldA==
S: 235 2.7.0 ok

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken
