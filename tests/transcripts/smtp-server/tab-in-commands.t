# A tab is no blank between words.
%hello

C: MAIL\tFROM:<a@b.example>
S: 500 5.5.1 command not known

C: MAIL FROM:<a@b.example>\tSIZE=1
S: 501 5.5.4 FROM:<address> is needed

C: MAIL FROM:<a\tb@c.example>
S: 501 5.1.7 this is no address
