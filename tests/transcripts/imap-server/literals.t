# Those that wait are asked for, one at a time; the others are not.
%state selected
C: a SEARCH SUBJECT {3}
C: abc FROM {2}
C: x)
S: + OK
S: + OK
E: a SEARCH SUBJECT {3}\r\nabc FROM {2}\r\nx)
S: a OK done
C: b SEARCH SUBJECT {3+}
C: a"b TEXT {0+}
C: 
E: b SEARCH SUBJECT {3+}\r\na"b TEXT {0+}\r\n
S: b OK done
C: c SEARCH SUBJECT {0}
C: 
S: + OK
E: c SEARCH SUBJECT {0}\r\n
S: c OK done
