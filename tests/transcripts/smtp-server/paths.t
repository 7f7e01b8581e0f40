# Paths of RFC 5321: quoted, literal, source route (50).
%hello

C: MAIL FROM:<>
E: mail <>
S: 250 2.1.0 sender taken

C: RCPT TO:<"b c>d"@e.example>
E: rcpt <"b c>d"@e.example>
S: 250 2.1.5 recipient taken

C: RCPT TO:<"q\\"uo\\\\te"@e.example>
E: rcpt <"q\\"uo\\\\te"@e.example>
S: 250 2.1.5 recipient taken

C: RCPT TO:<@a.example,@b.example:c@d.example>
E: rcpt <c@d.example>
S: 250 2.1.5 recipient taken

C: RCPT TO:<x@[192.0.2.1]>
E: rcpt <x@[192.0.2.1]>
S: 250 2.1.5 recipient taken

C: RCPT TO:<x@[IPv6:2001:db8::1]>
E: rcpt <x@[IPv6:2001:db8::1]>
S: 250 2.1.5 recipient taken

C: RCPT TO:<postmaster>
E: rcpt <postmaster>
S: 250 2.1.5 recipient taken

C: RCPT TO:<PostMaster>
E: rcpt <PostMaster>
S: 250 2.1.5 recipient taken

C: RCPT TO: <b@d.example>
E: rcpt <b@d.example>
S: 250 2.1.5 recipient taken

C: RCPT TO:<b+tag=x!#$%&'*/?^_`{|}~-@d.example>
E: rcpt <b+tag=x!#$%&'*/?^_`{|}~-@d.example>
S: 250 2.1.5 recipient taken
