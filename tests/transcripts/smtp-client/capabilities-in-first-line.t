# The first line is a name, whatever it says.
%starttls

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-STARTTLS
S: 250 x
E: failed tls TLS not offered
