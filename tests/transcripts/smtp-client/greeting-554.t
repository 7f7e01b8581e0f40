# A greeting that refuses: its words (24).

S: 554 5.7.1 go away
E: failed temp greeted with: 554 5.7.1 go away
