# After 235, and in a transaction, AUTH is 503 (63).
%hello

C: AUTH PLAIN AGEAYg==
E: auth PLAIN AGEAYg==
S: 235 2.7.0 welcome

C: AUTH PLAIN AGEAYg==
S: 503 5.5.1 logged in already

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken

C: AUTH PLAIN AGEAYg==
S: 503 5.5.1 not in a mail transaction
