# Where passwords need TLS, AUTH is not shown and refused unseen (6).
%plaintext no

C: EHLO client.example
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250 ENHANCEDSTATUSCODES

C: AUTH PLAIN AGEAYg==
S: 538 5.7.11 encryption is needed to log in

C: AUTH PLAIN
S: 538 5.7.11 encryption is needed to log in

C: AUTH CRAM-MD5
S: 538 5.7.11 encryption is needed to log in

C: AUTH
S: 501 5.5.4 an argument is needed

C: STARTTLS
S: 220 2.0.0 ready to start TLS
E: starttls

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
