# Challenges; nothing is said behind AUTH.
S: +OK ready <1.2@pop>
C: CAPA

S: -ERR what
E: ready
A: sasl AUTH LOGIN
A: say NOOP
C: AUTH LOGIN
E: cannot

S: + VXNlcg==
A: line YQ==
A: line YQ==
E: continue VXNlcg==
C: YQ==
E: cannot

S: +OK welcome
E: ok welcome
