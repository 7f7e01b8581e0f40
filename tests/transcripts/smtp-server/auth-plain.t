# Initial response; 235 in upstream's words.
%hello

C: AUTH PLAIN AGFsaWNlAHNlY3JldA==
A: done 235 2.7.0 welcome back
E: auth PLAIN AGFsaWNlAHNlY3JldA==
S: 235 2.7.0 welcome back
