# Nobody unknown makes us hold much.
S: * OK [CAPABILITY IMAP4rev1] gw.example Letterlock ready

C: a LOGIN {16385}
C: b LOGIN {16385+}
C: \{16385:x} y
C: c NOOP
S: a BAD [TOOBIG] too long
S: b BAD [TOOBIG] too long
E: c NOOP
S: c OK done
