%state selected
C: a IDLE
A: continue idling
E: a IDLE
S: + idling
C: DONE
A: OK done
E: line DONE
S: a OK done
C: b IDLE
C: done
A: continue idling
A: OK done
E: b IDLE
S: + idling
E: line done
S: b OK done
C: c IDLE
A: continue idling
E: c IDLE
S: + idling
C: d NOOP
A: BAD DONE was due
E: line d NOOP
S: c BAD DONE was due
