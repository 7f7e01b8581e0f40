# Bytes behind STARTTLS are not read: the connection ends on them (1, 4).
%hello
%whole

C: STARTTLS
C: EHLO attacker.example
A: end 421 4.7.0 bytes before TLS
S: 220 2.0.0 ready to start TLS
E: starttls
S: 421 4.7.0 bytes before TLS
E: fatal ended by the session
