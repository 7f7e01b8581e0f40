# After DATA was refused commands run; a bad one later is only that.
%mail

C: DATA
A: 452 4.3.1 spool full: try again
E: data
S: 452 4.3.1 spool full: try again

C: NOOP
S: 250 2.0.0 OK

C: FROBNICATE
S: 500 5.5.1 command not known

C: DATA
E: data
S: 354 go ahead, end with a dot
