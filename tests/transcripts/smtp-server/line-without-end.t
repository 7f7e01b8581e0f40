# Beyond 64 KiB it is the end (48).
%hello

c: \{70000:a}
S: 421 4.7.0 a line without end
E: fatal a line without end
