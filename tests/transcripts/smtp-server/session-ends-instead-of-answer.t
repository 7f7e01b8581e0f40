# The same where an answer is due.
%hello

C: MAIL FROM:<a@b.example>
A: end 421 4.7.5 upstream provider-smtp: expired
E: mail <a@b.example>
S: 421 4.7.5 upstream provider-smtp: expired
E: fatal ended by the session
