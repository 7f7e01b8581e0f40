# A greeting that refuses: its words (24).

S: 450 4.7.1 come back
E: failed temp greeted with: 450 4.7.1 come back
