# A browser made to talk to us: the end at its first line, no echo (10).

c: PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n
S: 421 4.7.0 HTTP was spoken
E: fatal HTTP was spoken
