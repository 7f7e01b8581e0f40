# The first fault of a line counts, wherever it is cut.
%hello

c: \{3000:a}\0\n\r\n
S: 500 5.5.2 line too long

c: \0\{3000:a}\r\n
S: 501 5.5.2 NUL, bare CR or bare LF in a line
