"""A throw-away mail world on 127.x.y.z: a certificate authority, a provider
made of the real Postfix and Dovecot, people with OpenPGP keys, and Letterlock
between them. Everything lives in one folder under /tmp and is gone afterwards.
contrib/quickstart and tests/scenario both stand on it."""
