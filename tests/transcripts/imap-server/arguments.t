%state selected
C: a NOOP now
C: b SELECT
C: c FETCH 1 (FLAGS
C: d FETCH 1 FLAGS)
C: e SEARCH "open
C: f SEARCH "\\x"
C: g STORE 1 +FLAGS (\\Seen)
C: h SEARCH SUBJECT "a\\\\b"
S: a BAD no argument is due
S: b BAD an argument is due
S: c BAD this is not well-formed
S: d BAD this is not well-formed
S: e BAD this is not well-formed
S: f BAD this is not well-formed
E: g STORE 1 +FLAGS (\\Seen)
S: g OK done
E: h SEARCH SUBJECT "a\\\\b"
S: h OK done
