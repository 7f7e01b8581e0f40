# What upstream lacks is not shown; SMTPUTF8 only with 8BITMIME (55, 59).

C: EHLO client.example
A: hello smtputf8 auth=SCRAM-SHA-256
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE
S: 250-STARTTLS
S: 250-AUTH SCRAM-SHA-256
S: 250 ENHANCEDSTATUSCODES

C: EHLO client.example
A: hello size=10 8bitmime dsn
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 10
S: 250-8BITMIME
S: 250-DSN
S: 250-STARTTLS
S: 250 ENHANCEDSTATUSCODES
