# What is said to the final dot is the last word; then a new one.
%mail

C: DATA
E: data
S: 354 go ahead, end with a dot

C: x
C: .
A: 550 5.7.1 no usable key for b@other.example (rule partners)
E: body x\r\n
S: 550 5.7.1 no usable key for b@other.example (rule partners)

C: RCPT TO:<c@d.example>
S: 503 5.5.1 MAIL first

C: MAIL FROM:<a@b.example>
E: mail <a@b.example>
S: 250 2.1.0 sender taken
