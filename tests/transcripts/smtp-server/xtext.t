# xtext holds no control character, coded or not (49).
%hello

C: MAIL FROM:<a@b.example> ENVID=a+0D+0ARCPT
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> ENVID=a+00
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> ENVID=a+2b
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> ENVID=a+2
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> ENVID=a+7F
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> ENVID=\{101:e}
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> AUTH=a+0Ab@c.example
S: 501 5.5.4 the value of a parameter is not in order

C: MAIL FROM:<a@b.example> ENVID=a+2B+3D AUTH=<>
E: mail <a@b.example> ENVID=a+2B+3D AUTH=<>
S: 250 2.1.0 sender taken

C: RCPT TO:<c@d.example> ORCPT=rfc822;a+0D+0ADATA
S: 501 5.5.4 the value of a parameter is not in order

C: RCPT TO:<c@d.example> ORCPT=rfc822;a+2Bb@d.example
E: rcpt <c@d.example> ORCPT=rfc822;a+2Bb@d.example
S: 250 2.1.5 recipient taken
