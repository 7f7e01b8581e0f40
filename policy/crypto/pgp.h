/*
 * pgp - OpenPGP through GPGME. Blocking, one thread; called in sealers and
 * commands only. Keys are fingerprints that policy chose; addresses never
 * reach gpg. Plaintext and ciphertext are streamed over descriptors.
 */
#ifndef LETTERLOCK_PGP_H
#define LETTERLOCK_PGP_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/err.h>
#include <letterlock/strs.h>

struct pgp;
struct key_index;

/*
 * For the GnuPG home `home` (absolute), which gets our gpg.conf when it has
 * none. Looks for gpg once; the objects of signing keys are fetched when first
 * used and kept until pgp_forget_keys(). One at a time in a process.
 * NULL with `err` when there is no gpg, or the home cannot be used or has
 * options that would change who can read or who signs (gnupg_home_check).
 */
struct pgp *pgp_new(const char *home, struct err *err);
void pgp_free(struct pgp *pgp);
void pgp_forget_keys(struct pgp *pgp);

/*
 * Encrypts what `in` gives from its file offset to its end for exactly the
 * keys `recipients` (full fingerprints, at least one), signed by `signer`
 * unless that is NULL, ASCII-armoured in lines that end in CRLF, to `out` at
 * its offset. `compress` lets gpg compress. Nothing of `out` may be used after
 * -1. The caller checks the packets of what came out.
 */
int pgp_encrypt(struct pgp *pgp, const struct strs *recipients,
		const char *signer, int in, int out, bool compress,
		struct err *err);

/*
 * A detached signature (RFC 3156 5) over what `in` gives, armoured as above, to `out`.
 * `micalg` becomes "pgp-sha256" or the like; SHA-1 and MD5 are an error.
 */
int pgp_sign(struct pgp *pgp, const char *signer, int in, int out,
	     char micalg[32], struct err *err);

/* Reads every key of the home, with whether its secret part is there. */
struct key_index *pgp_list(struct pgp *pgp, struct err *err);

struct pgp_import {
	struct strs fingerprints;	/* of the keys that were in it */
	unsigned imported, unchanged, secret, rejected;
};

/* Imports the keys that `in` gives (armoured or binary). */
int pgp_import(struct pgp *pgp, int in, struct pgp_import *result,
	       struct err *err);

/* Removes the key (its secret part only when `secret_too`). */
int pgp_delete(struct pgp *pgp, const char *fingerprint, bool secret_too,
	       struct err *err);

#endif
