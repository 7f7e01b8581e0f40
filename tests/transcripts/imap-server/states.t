# What is allowed when.
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a SELECT inbox
C: b FETCH 1 FLAGS
C: c IDLE
C: d APPEND inbox {3}
S: a BAD not in this state
S: b BAD not in this state
S: c BAD not in this state
S: d BAD not in this state
C: e LOGIN alice secret
A: in OK in
E: e LOGIN alice secret
S: e OK in
C: f FETCH 1 FLAGS
C: g SELECT inbox
A: selected OK [READ-WRITE] done
S: f BAD not in this state
E: g SELECT inbox
S: g OK [READ-WRITE] done
C: h FETCH 1 FLAGS
C: i UID FETCH 1 FLAGS
E: h FETCH 1 FLAGS
S: h OK done
E: i UID FETCH 1 FLAGS
S: i OK done
C: j CLOSE
A: in OK closed
E: j CLOSE
S: j OK closed
C: k EXPUNGE
S: k BAD not in this state
