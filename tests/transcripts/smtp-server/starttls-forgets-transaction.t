# A transaction from before TLS is gone (5, 52).
%mail

C: STARTTLS
S: 220 2.0.0 ready to start TLS
E: starttls

C: RCPT TO:<c@d.example>
S: 503 5.5.1 EHLO first

C: DATA
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

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first
