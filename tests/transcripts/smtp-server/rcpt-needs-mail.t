# RCPT without MAIL, and after a MAIL that was refused (52).
%hello

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first

C: MAIL FROM:<a@b.example>
A: 550 5.7.1 not you
E: mail <a@b.example>
S: 550 5.7.1 not you

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first

C: DATA
S: 503 5.5.1 MAIL first
