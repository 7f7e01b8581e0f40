# A greeting that refuses: its words (24).

S: 520 no
E: failed temp greeted with: 520 no
