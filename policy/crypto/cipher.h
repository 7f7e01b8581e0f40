/*
 * cipher - authenticated encryption of what is kept on the disc: AES-256-GCM
 * with a random nonce for each piece. Pure but for the kernel's randomness.
 */
#ifndef LETTERLOCK_CIPHER_H
#define LETTERLOCK_CIPHER_H

#include <letterlock/buf.h>
#include <letterlock/err.h>

enum {
	CIPHER_KEY_SIZE = 32,
	CIPHER_NONCE_SIZE = 12,
	CIPHER_TAG_SIZE = 16,
	CIPHER_MORE = CIPHER_NONCE_SIZE + CIPHER_TAG_SIZE,
};

/* Fills `bytes` with what nobody can guess. -1 with `err` (ERR_TEMP). */
int cipher_random(unsigned char *bytes, size_t n, struct err *err);

/*
 * Appends nonce, ciphertext and tag of `plain` to `out`, CIPHER_MORE octets
 * more than it has. `about` says what it is: it opens with the same only. -1
 * with `err` (ERR_TEMP): there is no randomness, or `out` is full.
 */
int cipher_seal(const unsigned char key[CIPHER_KEY_SIZE], struct span about,
		struct span plain, struct buf *out, struct err *err);

/* Appends what was sealed. -1 with `err` (ERR_TEMP) and nothing in `out`: it
 * was changed, belongs elsewhere, or is under another key. */
int cipher_open(const unsigned char key[CIPHER_KEY_SIZE], struct span about,
		struct span sealed, struct buf *out, struct err *err);

#endif
