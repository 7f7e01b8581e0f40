# What is no tag is answered with *, and nothing of it is told again (THREATS 76).
%state in
%bad 50
C: + NOOP
C: * NOOP
C: a+b NOOP
C:  NOOP
C: NOOP
C: \{200:t} NOOP
C: a(b NOOP
C: a{b NOOP
C: a{3}
C: b NOOP
C: a{6+}
C: c NOOP NOOP
C: {0+}
C:  NOOP
C: a)b NOOP
C: a}b NOOP
C: a%b NOOP
C: a"b NOOP
C: a\\b NOOP
C: a<b NOOP
C: a>b NOOP
C: a&b NOOP
C: a\x01b NOOP
C: a\tb NOOP
C: a\x7fb NOOP
C: a\x80b NOOP
C: \xff NOOP
C: \{128:t} NOOP
C: \{129:t} NOOP
C: a]~# NOOP
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: NOOP BAD this command is not known here
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
E: b NOOP
S: b OK done
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
S: * BAD that is no tag
E: tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt NOOP
S: tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt OK done
S: * BAD that is no tag
E: a]~# NOOP
S: a]~# OK done
