# A browser made to talk to us: the end at its first line, no echo (10).

c: GET / HTTP/1.1\r\nHost: mail.example\r\n\r\n
S: 421 4.7.0 HTTP was spoken
E: fatal HTTP was spoken
