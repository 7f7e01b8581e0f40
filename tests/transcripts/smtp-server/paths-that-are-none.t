# What is no path is 501 (50).
%mail
%bad 100

C: RCPT TO:<>
S: 501 5.1.3 this is no address

C: RCPT TO:b@d.example
S: 501 5.5.4 TO:<address> is needed

C: RCPT TO:<b@d.example
S: 501 5.5.4 TO:<address> is needed

C: RCPT TO:b@d.example>
S: 501 5.5.4 TO:<address> is needed

C: RCPT TO:<b>
S: 501 5.1.3 this is no address

C: RCPT TO:<@d.example>
S: 501 5.5.4 TO:<address> is needed

C: RCPT TO:<b@>
S: 501 5.1.3 this is no address

C: RCPT TO:<b@d.example>x
S: 501 5.5.4 TO:<address> is needed

C: RCPT TO:<b@@d.example>
S: 501 5.1.3 this is no address

C: RCPT TO:<b c@d.example>
S: 501 5.1.3 this is no address

C: RCPT TO:<group:a@d.example,b@d.example;>
S: 501 5.1.3 this is no address

C: RCPT TO:<""@d.example> X
S: 555 5.5.4 a parameter is not known

C: RCPT TO:<"" @d.example>
S: 501 5.1.3 this is no address

C: RCPT TO:<@a.example,b@d.example>
S: 501 5.5.4 TO:<address> is needed

C: RCPT TO:<@:b@d.example>
S: 501 5.5.4 TO:<address> is needed

C: RCPT FROM:<b@d.example>
S: 501 5.5.4 TO:<address> is needed

C: RCPT <b@d.example>
S: 501 5.5.4 TO:<address> is needed
