# On `required` all is as usual once TLS is there.
%tls required

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

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken
