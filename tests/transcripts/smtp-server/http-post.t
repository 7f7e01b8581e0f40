# A browser made to talk to us: the end at its first line, no echo (10).

c: POST /x HTTP/1.1\r\nContent-Length: 99\r\n\r\nEHLO x\r\nMAIL FROM:<a@b.example>\r\n
S: 421 4.7.0 HTTP was spoken
E: fatal HTTP was spoken
