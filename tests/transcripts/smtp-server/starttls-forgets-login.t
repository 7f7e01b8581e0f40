# A login from before TLS is gone (5).
%hello

C: AUTH PLAIN AGEAYg==
E: auth PLAIN AGEAYg==
S: 235 2.7.0 welcome

C: AUTH PLAIN AGEAYg==
S: 503 5.5.1 logged in already

C: STARTTLS
S: 220 2.0.0 ready to start TLS
E: starttls

C: AUTH PLAIN AGEAYg==
S: 503 5.5.1 EHLO first

C: EHLO client.example
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-AUTH PLAIN LOGIN
S: 250 ENHANCEDSTATUSCODES

C: AUTH PLAIN AGEAYg==
E: auth PLAIN AGEAYg==
S: 235 2.7.0 welcome
