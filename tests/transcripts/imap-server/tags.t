# What is no tag is answered with *, and nothing of it is told again.
%state in
C: + NOOP
C: a+b NOOP
C:  NOOP
C: NOOP
C: \{200:t} NOOP
C: a(b NOOP
C: a]~# NOOP
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: NOOP BAD this command is not known here
S: * BAD that is no tag
S: * BAD that is no tag
E: a]~# NOOP
S: a]~# OK done
