# Upstream has no AUTH that we carry.

C: EHLO client.example
A: hello size=5
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 5
S: 250-STARTTLS
S: 250 ENHANCEDSTATUSCODES

C: AUTH PLAIN AGEAYg==
S: 502 5.5.1 AUTH is not offered
