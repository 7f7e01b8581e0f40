# On `required` only EHLO, NOOP, STARTTLS and QUIT come before TLS (6),
# and AUTH is not shown there (RFC 4954 4: only what can be used).
%tls required

C: EHLO client.example
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250 ENHANCEDSTATUSCODES

C: HELO client.example
S: 530 5.7.0 Must issue a STARTTLS command first

C: MAIL FROM:<a@b.example>
S: 530 5.7.0 Must issue a STARTTLS command first

C: RCPT TO:<c@d.example>
S: 530 5.7.0 Must issue a STARTTLS command first

C: DATA
S: 530 5.7.0 Must issue a STARTTLS command first

C: AUTH PLAIN AGEAYg==
S: 530 5.7.0 Must issue a STARTTLS command first

C: RSET
S: 530 5.7.0 Must issue a STARTTLS command first

C: HELP
S: 530 5.7.0 Must issue a STARTTLS command first

C: VRFY bob
S: 530 5.7.0 Must issue a STARTTLS command first

C: BDAT 3 LAST
S: 530 5.7.0 Must issue a STARTTLS command first

C: NOOP
S: 250 2.0.0 OK

C: QUIT
S: 221 2.0.0 goodbye
E: quit
