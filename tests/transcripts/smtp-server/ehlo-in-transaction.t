# EHLO in a transaction forgets it, too: RESET comes before HELLO (52).
%mail

C: EHLO again.example
E: reset
E: hello EHLO again.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250-AUTH PLAIN LOGIN
S: 250 ENHANCEDSTATUSCODES

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken
