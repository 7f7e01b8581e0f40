S: +OK \{20000:x}
E: failed peer a line of more than 12286 octets
