# Bytes behind the 220 are not read as if inside TLS (20).
%starttls
%whole

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-SIZE 1000
S: 250-AUTH PLAIN
S: 250 STARTTLS
C: STARTTLS

S: 220 2.0.0 go
S: 250-mail.example
S: 250 AUTH PLAIN
E: failed tls handshake failed: bytes came behind the reply to STARTTLS
