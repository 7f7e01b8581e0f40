# The same for RCPT.
%mail

C: RCPT TO:<c@d.example> NOTIFY=
S: 501 5.5.4 the parameters are not in order

C: RCPT TO:<c@d.example> NOTIFY=SOMETIMES
S: 501 5.5.4 the value of a parameter is not in order

C: RCPT TO:<c@d.example> NOTIFY=NEVER,DELAY
S: 501 5.5.4 the value of a parameter is not in order

C: RCPT TO:<c@d.example> NOTIFY=SUCCESS,
S: 501 5.5.4 the value of a parameter is not in order

C: RCPT TO:<c@d.example> ORCPT=rfc822
S: 501 5.5.4 the value of a parameter is not in order

C: RCPT TO:<c@d.example> ORCPT=;x@y.example
S: 501 5.5.4 the value of a parameter is not in order

C: RCPT TO:<c@d.example> ORCPT=rfc822;
S: 501 5.5.4 the value of a parameter is not in order

C: RCPT TO:<c@d.example> ORCPT=utf-8;caf\xc3\xa9@d.example
S: 501 5.5.4 the value of a parameter is not in order
