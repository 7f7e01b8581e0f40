# After DATA was refused, message bytes never run as commands (44).
%mail

C: DATA
A: 452 4.3.1 spool full: try again
E: data
S: 452 4.3.1 spool full: try again

C: Subject: x
C: 
C: RSET
C: .
S: 421 4.7.0 a message came where none was due
E: fatal a message came where none was due
