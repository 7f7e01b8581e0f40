/*
 * pgp - OpenPGP through GPGME. Blocking, one thread; called in sealers and
 * commands only. Keys are fingerprints that policy chose; addresses never
 * reach gpg. Plaintext and ciphertext are streamed over descriptors.
 */
#ifndef LETTERLOCK_PGP_H
#define LETTERLOCK_PGP_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/span.h>
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

/* Signs nothing, to see whether that key can: -1 with `err` when it cannot, as
 * when it has a passphrase, which nobody is asked for. */
int pgp_sign_try(struct pgp *pgp, const char *signer, struct err *err);

enum pgp_verdict {
	PGP_UNSIGNED,
	PGP_GOOD,		/* every signature is */
	PGP_BAD,		/* one does not fit, or is expired, revoked, weak */
	PGP_UNKNOWN_KEY,	/* one is by a key that is not in the home */
};

/* What is with the signatures of one message: with the worst of them. */
struct pgp_signature {
	enum pgp_verdict verdict;
	/* Of the signer's (primary) key; when that is unknown, of what signed,
	 * or just its key id. Empty: not even that. */
	char fingerprint[65];
	int64_t made;		/* seconds; as the signer says */
	const char *why;	/* PGP_BAD: fixed text for people */
};

/* Key ids that mail may be encrypted to. */
struct pgp_ids {
	const uint64_t *at;
	size_t n;
};

/*
 * Decrypts the binary message `packets`, and verifies the signatures inside.
 * The plaintext is appended to `plain` (up to its limit) only when all of it
 * is right; after -1 (`err`: why, for the log) `plain` is as it was. When the message
 * is not to blame that is ERR_CONF (a passphrase), or ERR_TEMP (no gpg or agent, no
 * memory): another time may be better. Whose keys may be used is decided before
 * (openpgp_select), and that they are secret keys of the home: gpg tries all it has,
 * also for what is encrypted within. So nothing is right when a session key that gpg
 * met names another id than `ids`.
 */
int pgp_decrypt(struct pgp *pgp, struct span packets, const struct pgp_ids *ids,
		struct buf *plain, struct pgp_signature *signature, struct err *err);

/*
 * Verifies the detached `packets` (binary, see openpgp_select_document) over
 * `text`. -1 with `err` (ERR_TEMP as above) when that could not be done; a
 * signature that does not fit is a verdict.
 */
int pgp_verify(struct pgp *pgp, struct span packets, struct span text,
	       struct pgp_signature *signature, struct err *err);

/* Reads every key of the home, with whether its secret part is there. NULL with `err`:
 * ERR_TEMP also when the agent does not tell of one that is. */
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
