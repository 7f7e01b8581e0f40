# Without STARTTLS there is nothing to do (15).
%starttls

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-PIPELINING
S: 250-SIZE 52428800
S: 250-AUTH PLAIN LOGIN
S: 250-8BITMIME
S: 250 DSN
E: failed tls TLS not offered
