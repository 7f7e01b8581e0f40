# After a failure nothing more is said or heard (29).

S: 554 no
E: failed temp greeted with: 554 no

S: 220 hello
A: say NOOP
E: cannot
