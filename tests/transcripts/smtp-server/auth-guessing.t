# Refused logins count as bad commands.
%bad 4
%hello

C: AUTH PLAIN AGEAYg==
A: done 535 5.7.8 no
E: auth PLAIN AGEAYg==
S: 535 5.7.8 no

C: AUTH PLAIN AGEAYg==
A: done 535 5.7.8 no
E: auth PLAIN AGEAYg==
S: 535 5.7.8 no

C: AUTH PLAIN AGEAYg==
A: done 535 5.7.8 no
E: auth PLAIN AGEAYg==
S: 535 5.7.8 no

C: FROB
S: 421 4.7.0 too many bad commands
E: fatal too many bad commands
