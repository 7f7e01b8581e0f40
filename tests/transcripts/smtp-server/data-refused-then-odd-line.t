# The same for a line that is no line (44).
%mail

C: DATA
A: 452 4.3.1 spool full: try again
E: data
S: 452 4.3.1 spool full: try again

c: a\nb\r\n
S: 421 4.7.0 a message came where none was due
E: fatal a message came where none was due
