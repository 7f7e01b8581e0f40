# RSET, QUIT, DATA, STARTTLS have no argument (8).
%mail

C: RSET now
S: 501 5.5.4 this command has no argument

C: DATA x
S: 501 5.5.4 this command has no argument

C: STARTTLS x
S: 501 5.5.4 this command has no argument

C: QUIT please
S: 501 5.5.4 this command has no argument

C: QUIT
S: 221 2.0.0 goodbye
E: quit
