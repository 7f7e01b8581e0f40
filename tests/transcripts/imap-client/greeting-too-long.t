S: * OK \{140000:x}
E: failed peer said too much before its greeting was over
