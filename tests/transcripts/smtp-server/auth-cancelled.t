# "*" ends the exchange; another may follow (35).
%hello

C: AUTH LOGIN
A: continue VXNlcm5hbWU6
E: auth LOGIN
S: 334 VXNlcm5hbWU6

C: *
A: done 501 5.7.0 cancelled
E: auth-cancel
S: 501 5.7.0 cancelled

C: AUTH PLAIN AGEAYg==
E: auth PLAIN AGEAYg==
S: 235 2.7.0 welcome
