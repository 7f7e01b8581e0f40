# They were not sent under TLS, but might be read as if (THREATS 20).
%starttls
%whole
S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi
C: L1 STARTTLS

S: L1 OK begin
S: * CAPABILITY IMAP4rev1 AUTH=EVIL
E: failed tls handshake failed: bytes came behind the answer to STARTTLS
