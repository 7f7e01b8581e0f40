# Unknown ones are 555, those of the other command as well.
%hello

C: MAIL FROM:<a@b.example> FOO
S: 555 5.5.4 a parameter is not known

C: MAIL FROM:<a@b.example> FOO=bar
S: 555 5.5.4 a parameter is not known

C: MAIL FROM:<a@b.example> NOTIFY=NEVER
S: 555 5.5.4 a parameter is not known

C: MAIL FROM:<a@b.example> HOLDFOR=99
S: 555 5.5.4 a parameter is not known

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken

C: RCPT TO:<c@d.example> SIZE=10
S: 555 5.5.4 a parameter is not known

C: RCPT TO:<c@d.example> FOO
S: 555 5.5.4 a parameter is not known
