# AUTH in a transaction is 503 (63).
%mail

C: AUTH PLAIN AGEAYg==
S: 503 5.5.1 not in a mail transaction

C: RSET
S: 250 2.0.0 forgotten
E: reset

C: AUTH PLAIN AGEAYg==
E: auth PLAIN AGEAYg==
S: 235 2.7.0 welcome
