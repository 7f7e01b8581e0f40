# Malformed ones count as not said.

S: 220 mail.example ESMTP
C: EHLO gw.example

S: 250-mail.example
S: 250-SIZE abc
S: 250-8BITMIME yes
S: 250-PIPELINING\t
S: 250-AUTH
S: 250-AUTH P@L \{30:A} OK-1
S: 250-  DSN 
S: 250-
S: 250 SIZEX
E: ready pipelining dsn auth=OK-1
