%stls

S: +OK ready <1.2@pop>
C: CAPA

S: +OK
S: STLS
S: .
C: STLS

S: -ERR no
E: failed tls TLS not offered: STLS was answered -ERR: no
