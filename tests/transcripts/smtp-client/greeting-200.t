# 220 is the one greeting (24).

S: 200 hello
E: failed peer greeted with: 200 hello
