# A single byte is enough (20).
%starttls
%whole

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-SIZE 1000
S: 250-AUTH PLAIN
S: 250 STARTTLS
C: STARTTLS

S: 220 go
s: 2
E: failed tls handshake failed: bytes came behind the reply to STARTTLS
