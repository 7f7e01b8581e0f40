# A greeting that refuses: its words (24).

S: 421 4.3.2 too busy
E: failed temp greeted with: 421 4.3.2 too busy
