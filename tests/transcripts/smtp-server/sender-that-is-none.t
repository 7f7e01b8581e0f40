# The same for MAIL; postmaster alone is no sender (50).
%hello

C: MAIL FROM:<postmaster>
S: 501 5.1.7 this is no address

C: MAIL FROM:a@b.example
S: 501 5.5.4 FROM:<address> is needed

C: MAIL FROM: a@b.example
S: 501 5.5.4 FROM:<address> is needed

C: MAIL TO:<a@b.example>
S: 501 5.5.4 FROM:<address> is needed

C: MAIL
S: 501 5.5.4 an argument is needed

C: MAIL FROM:
S: 501 5.5.4 FROM:<address> is needed

C: MAIL FROM:<a@b.example
S: 501 5.5.4 FROM:<address> is needed

C: MAIL FROM:<"a@b.example>
S: 501 5.5.4 FROM:<address> is needed

C: MAIL FROM:<a@b..example>
S: 501 5.1.7 this is no address
