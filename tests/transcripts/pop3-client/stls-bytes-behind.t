# They would be read as if they came in TLS (RFC 2595 4).
%stls
%whole

S: +OK ready <1.2@pop>
C: CAPA

S: +OK
S: STLS
S: .
C: STLS

S: +OK go
s: +
E: failed tls handshake failed: bytes came behind the reply to STLS
