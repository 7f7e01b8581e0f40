# All that are known, in any order; raw text is kept (60).
%hello

C: MAIL FROM:<a@b.example> RET=HDRS SIZE=1000 envid=QQ314159 BODY=8BITMIME SMTPUTF8 AUTH=a@b.example REQUIRETLS
E: mail <a@b.example> RET=HDRS SIZE=1000 envid=QQ314159 BODY=8BITMIME SMTPUTF8 AUTH=a@b.example REQUIRETLS (1000 octets) (8 bit) (UTF-8)
S: 250 2.1.0 sender taken

C: RCPT TO:<c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@d.example
E: rcpt <c@d.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;c@d.example
S: 250 2.1.5 recipient taken

C: RCPT TO:<e@d.example>   ORCPT=utf-8;caf\xc3\xa9@d.example  NOTIFY=NEVER 
E: rcpt <e@d.example> ORCPT=utf-8;caf\xc3\xa9@d.example NOTIFY=NEVER
S: 250 2.1.5 recipient taken
