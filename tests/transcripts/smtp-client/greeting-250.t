# 220 is the one greeting (24).

S: 250 hello
E: failed peer greeted with: 250 hello
