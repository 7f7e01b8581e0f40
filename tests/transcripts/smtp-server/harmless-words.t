# VRFY, EXPN, ETRN, TURN, HELP tell nothing (64).
%hello

C: VRFY bob
S: 252 2.0.0 cannot verify, but will try to send

C: VRFY nobody@d.example
S: 252 2.0.0 cannot verify, but will try to send

C: VRFY
S: 501 5.5.4 an argument is needed

C: EXPN staff
S: 502 5.5.1 this command is not offered

C: ETRN d.example
S: 502 5.5.1 this command is not offered

C: TURN
S: 502 5.5.1 this command is not offered

C: ATRN d.example
S: 502 5.5.1 this command is not offered

C: HELP
S: 214 2.0.0 see RFC 5321

C: HELP MAIL
S: 214 2.0.0 see RFC 5321

C: NOOP
S: 250 2.0.0 OK

C: NOOP anything
S: 250 2.0.0 OK
