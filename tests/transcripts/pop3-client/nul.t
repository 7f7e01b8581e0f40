S: +OK a\0b
E: failed peer NUL at octet 5 of a line
