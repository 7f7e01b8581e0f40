# What is not in the table is not relayed.
%state selected
C: a XYZZY
C: b UID XYZZY 1
C: c COMPRESS DEFLATE
C: d GENURLAUTH x
C: e UID
C: f \x01\x02
S: a BAD this command is not known here
S: b BAD this command is not known here
S: c BAD this command is not known here
S: d BAD this command is not known here
S: e BAD this command is not known here
S: f BAD this command is not known here
