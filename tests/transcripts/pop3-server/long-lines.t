# 255 octets with the CRLF; a password may be longer (RFC 2449 4).
%in

C: NOOP \{250:x}
C: NOOP \{600:x}
C: NOOP \{5000:x}
S: -ERR too long a line
S: -ERR a line too long, or with a stray CR, LF or NUL
S: -ERR a line too long, or with a stray CR, LF or NUL

C: NOOP
E: NOOP
S: +OK
