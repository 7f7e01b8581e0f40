# 421 of upstream ends this side as well.
%hello

C: MAIL FROM:<a@b.example>
A: relay 421 4.3.0 going down
E: mail <a@b.example>
S: 421 4.3.0 going down
E: fatal 421 was answered

C: NOOP
