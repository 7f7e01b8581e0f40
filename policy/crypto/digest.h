/*
 * digest - SHA-256 over bytes as they come. Pure.
 */
#ifndef LETTERLOCK_DIGEST_H
#define LETTERLOCK_DIGEST_H

#include <letterlock/span.h>

enum {
	DIGEST_SIZE = 32,
	DIGEST_HEX_SIZE = 2 * DIGEST_SIZE + 1,	/* with its NUL */
};

struct digest;

/* A digest of nothing; digest_free() it. */
struct digest *digest_new(void);
void digest_free(struct digest *digest);

void digest_put(struct digest *digest, struct span bytes);

/* What was put since the last end, and starts over. */
void digest_end(struct digest *digest, unsigned char sum[DIGEST_SIZE]);

/* The same in lower-case hex, with a NUL. */
void digest_end_hex(struct digest *digest, char hex[DIGEST_HEX_SIZE]);

/* HMAC-SHA-256 (RFC 2104) of `bytes` under `key`, likewise. */
void digest_keyed_hex(struct span key, struct span bytes, char hex[DIGEST_HEX_SIZE]);

#endif
