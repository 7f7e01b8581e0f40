# 220 is the one greeting (24).

S: 354 hello
E: failed peer greeted with: 354 hello
