# Where MAIL was accepted, what is wrong behind it counts.
%mail
%bad 2

C: DATA x
S: 501 5.5.4 this command has no argument

C: RCPT
S: 421 4.7.0 too many bad commands
E: fatal too many bad commands

C: NOOP
