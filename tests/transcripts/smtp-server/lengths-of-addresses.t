# 64 octets before the @ and 255 behind it, no more (50).
%hello

C: MAIL FROM:<\{64:a}@b.example>
E: mail <aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@b.example>
S: 250 2.1.0 sender taken

C: RCPT TO:<\{65:a}@b.example>
S: 501 5.1.3 this is no address

C: RCPT TO:<a@\{63:b}.\{63:c}.\{63:d}.\{63:e}>
E: rcpt <a@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd.eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee>
S: 250 2.1.5 recipient taken

C: RCPT TO:<a@\{63:b}.\{63:c}.\{63:d}.\{62:e}.f>
S: 501 5.1.3 this is no address

C: RCPT TO:<a@\{64:b}.example>
S: 501 5.1.3 this is no address
