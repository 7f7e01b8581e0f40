# No EHLO, so no STARTTLS either (16, 24).
%starttls

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 502 5.5.1 say HELO
E: failed tls TLS not offered: EHLO was answered: 502 5.5.1 say HELO
