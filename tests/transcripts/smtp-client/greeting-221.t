# 220 is the one greeting (24).

S: 221 hello
E: failed peer greeted with: 221 hello
