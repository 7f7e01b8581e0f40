%stls

S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: failed tls TLS not offered
