# What comes behind it never runs as commands (41, 44).
%mail

C: BDAT 30 LAST
S: 502 5.5.1 this command is not offered

C: Subject: x
C: 
C: RSET
S: 421 4.7.0 a message came where none was due
E: fatal a message came where none was due
