# 220 is the one greeting (24).

S: 299 hello
E: failed peer greeted with: 299 hello
