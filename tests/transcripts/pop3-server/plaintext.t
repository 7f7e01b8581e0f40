# No password in the clear.
%plaintext no
S: +OK gw.example Letterlock ready

C: USER a
C: PASS x
S: -ERR a password would travel in the clear: use TLS
S: -ERR a password would travel in the clear: use TLS

C: AUTH PLAIN AGEAYg==
C: AUTH LOGIN
S: -ERR a password would travel in the clear: use TLS
S: -ERR a password would travel in the clear: use TLS
