# A TLS handshake where none is due ends it at once (10).

c: \x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03
S: 421 4.7.0 TLS came where none was due
E: fatal TLS came where none was due
