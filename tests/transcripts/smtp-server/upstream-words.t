# What upstream refuses is refused in its words, all its lines.
%hello

C: MAIL FROM:<a@b.example>
A: relay 250 2.1.0 Ok
E: mail <a@b.example>
S: 250 2.1.0 Ok

C: RCPT TO:<c@d.example>
A: relay 550 5.1.1 <c@d.example>: no such user|5.1.1 here
E: rcpt <c@d.example>
S: 550-5.1.1 <c@d.example>: no such user
S: 550 5.1.1 here

C: RCPT TO:<e@d.example>
A: relay 251 2.1.5 will forward
E: rcpt <e@d.example>
S: 251 2.1.5 will forward

C: DATA
E: data
S: 354 go ahead, end with a dot

C: x
C: .
A: relay 554 5.7.1 spam
E: body x\r\n
S: 554 5.7.1 spam
