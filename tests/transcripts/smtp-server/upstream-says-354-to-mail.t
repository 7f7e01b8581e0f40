# A 3xx out of turn would make message bytes of commands: 451 (29).
%hello

C: MAIL FROM:<a@b.example>
A: relay 354 go on
E: mail <a@b.example>
S: 451 4.3.0 upstream answered out of order

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first
