# What is not known is 500, never echoed.
%hello

C: FROBNICATE <script>alert(1)</script>
S: 500 5.5.1 command not known

C: mail
S: 501 5.5.4 an argument is needed

C: MAILFROM:<a@b.example>
S: 500 5.5.1 command not known

c: \r\n
S: 500 5.5.1 command not known

C:  NOOP
S: 500 5.5.1 command not known

C: \x80\x81
S: 500 5.5.1 command not known
