# Upstream is not there: 421 at EHLO ends it.

C: EHLO client.example
A: 421 4.4.1 upstream provider-smtp: Connection refused
E: hello EHLO client.example
S: 421 4.4.1 upstream provider-smtp: Connection refused
E: fatal 421 was answered

C: NOOP
