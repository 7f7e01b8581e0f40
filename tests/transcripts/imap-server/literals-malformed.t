# None of these announces anything: then the line is a whole command.
%state selected
C: a SEARCH SUBJECT {-1}
C: b SEARCH SUBJECT {01}
C: c SEARCH SUBJECT {1 }
C: d SEARCH SUBJECT {}
C: e SEARCH SUBJECT {99999999999999999999999}
C: f SEARCH SUBJECT {3+ }
C: g SEARCH SUBJECT {+3}
C: h SEARCH SUBJECT {3++}
S: a BAD this is not well-formed
S: b BAD this is not well-formed
S: c BAD this is not well-formed
S: d BAD this is not well-formed
S: e BAD this is not well-formed
S: f BAD this is not well-formed
S: g BAD this is not well-formed
S: h BAD this is not well-formed
