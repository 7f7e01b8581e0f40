%stls

S: +OK ready <1.2@pop>
C: CAPA

S: +OK
S: TOP
S: .
E: failed tls TLS not offered
