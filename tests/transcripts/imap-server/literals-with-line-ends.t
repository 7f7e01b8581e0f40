# A literal's octets are no lines, whatever they look like.
%state selected
C: a SEARCH SUBJECT {12+}
C: \r\nb LOGOUT\r\n
C: c SEARCH SUBJECT {5}
C: {3}\r\n
C: d SEARCH SUBJECT {4+}
C: x{9} TEXT y
E: a SEARCH SUBJECT {12+}\r\n\r\nb LOGOUT\r\n
S: a OK done
S: + OK
E: c SEARCH SUBJECT {5}\r\n{3}\r\n
S: c OK done
E: d SEARCH SUBJECT {4+}\r\nx{9} TEXT y
S: d OK done
