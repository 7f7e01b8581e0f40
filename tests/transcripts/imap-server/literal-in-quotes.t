# Quotes that are closed hold no literal; of others the count is kept, too (THREATS 72).
%state selected
C: a SEARCH SUBJECT "{3}"
C: b SEARCH SUBJECT "x {11+}
C: b" NOT SEEN
C: c SEARCH SUBJECT "x {10}
C: \r\nd LOGOUT
C: e SEARCH SUBJECT "x\\" {2+}
C: ab
C: f NOOP
E: a SEARCH SUBJECT "{3}"
S: a OK done
S: b BAD this is not well-formed
S: + OK
S: c BAD this is not well-formed
S: e BAD this is not well-formed
E: f NOOP
S: f OK done
