# What is not due in a state is refused; five mistakes of a stranger are the end.
S: +OK gw.example Letterlock ready

C: STAT
C: APOP alice c4c9334bac560ecc979e58001b3e22fb
C: PASS x
C: LAST
C: UTF8
C: CAPA
S: -ERR log in first
S: -ERR that command is not known here
S: -ERR USER comes first
S: -ERR that command is not known here
S: -ERR that command is not known here
E: fatal too many bad commands
