# Only 220 is success (16).
%starttls

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-SIZE 1000
S: 250-AUTH PLAIN
S: 250 STARTTLS
C: STARTTLS

S: 454 4.7.0 not now
E: failed tls TLS not offered: STARTTLS was answered: 454 4.7.0 not now
