# DATA without RCPT is 503, with refused ones only 554 (52).
%hello

C: DATA
S: 503 5.5.1 MAIL first

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken

C: DATA
S: 503 5.5.1 RCPT first

C: RCPT TO:<c@d.example>
A: 550 5.7.1 no usable key
E: rcpt <c@d.example>
S: 550 5.7.1 no usable key

C: DATA
S: 554 5.5.1 no valid recipients

C: RCPT TO:<e@d.example>
E: rcpt <e@d.example>
S: 250 2.1.5 recipient taken

C: DATA
E: data
S: 354 go ahead, end with a dot

C: .
E: body 
S: 250 2.0.0 message taken
