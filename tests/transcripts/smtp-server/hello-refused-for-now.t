# Any other refusal of EHLO leaves us before it.

C: EHLO client.example
A: 450 4.3.0 later
E: hello EHLO client.example
S: 450 4.3.0 later

C: MAIL FROM:<a@b.example>
S: 503 5.5.1 EHLO first

C: EHLO client.example
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250-AUTH PLAIN LOGIN
S: 250 ENHANCEDSTATUSCODES
