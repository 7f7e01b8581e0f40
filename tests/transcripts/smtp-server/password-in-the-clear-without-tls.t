# The same where no TLS can be had.
%plaintext no
%tls none

C: EHLO client.example
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250 ENHANCEDSTATUSCODES

C: AUTH LOGIN
S: 538 5.7.11 encryption is needed to log in
