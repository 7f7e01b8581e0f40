# EHLO and HELO need a name that is one (49).

C: EHLO
S: 501 5.5.4 an argument is needed

C: HELO 
S: 501 5.5.4 an argument is needed

C: EHLO a b
S: 501 5.5.4 a host name or address literal is needed

C: EHLO caf\xc3\xa9
S: 501 5.5.4 a host name or address literal is needed

C: EHLO \{256:a}
S: 501 5.5.4 a host name or address literal is needed

C: EHLO a<b
S: 501 5.5.4 a host name or address literal is needed

C: EHLO [192.0.2.1]
E: hello EHLO [192.0.2.1]
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250-AUTH PLAIN LOGIN
S: 250 ENHANCEDSTATUSCODES

C: EHLO [IPv6:2001:db8::1]
E: hello EHLO [IPv6:2001:db8::1]
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250-AUTH PLAIN LOGIN
S: 250 ENHANCEDSTATUSCODES

C: EHLO  client.example  
E: hello EHLO client.example
S: 250-gw.example
S: 250-PIPELINING
S: 250-SIZE 1000000
S: 250-8BITMIME
S: 250-SMTPUTF8
S: 250-DSN
S: 250-STARTTLS
S: 250-AUTH PLAIN LOGIN
S: 250 ENHANCEDSTATUSCODES
