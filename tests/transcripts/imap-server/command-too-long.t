# All of it counts, not each line.
%state selected
c: \{0:x}a SEARCH
c:  \{60000:x} {1+}\r\ny
c:  \{60000:x} {1+}\r\ny
c:  \{60000:x} {1+}\r\ny
c:  \{60000:x} {1+}\r\ny
C:  \{60000:x}
S: * BYE too long a command
E: fatal too long a command
