# HELO has no extensions: no list, no parameters, no AUTH.

C: HELO client.example
E: hello HELO client.example
S: 250 gw.example

C: MAIL FROM:<a@b.example> SIZE=10
S: 555 5.5.4 parameters need EHLO

C: AUTH PLAIN AGEAYg==
S: 503 5.5.1 EHLO first

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken
