/*
 * pgp_context - what the rooms of `pgp` share: the kept GPGME context, data
 * over descriptors, signers, and errors in words for people.
 */
#ifndef LETTERLOCK_PGP_CONTEXT_H
#define LETTERLOCK_PGP_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/err.h>
#include <letterlock/span.h>

struct gpgme_context;
struct gpgme_data;
struct _gpgme_key;
struct pgp_desk;
struct strs;

struct pgp_named {
	char part[65], key[65];		/* fingerprints */
};

struct pgp {
	struct gpgme_context *gpgme;	/* OpenPGP, kept: a new one runs gpg */
	char *home;
	/* pgp_place's */
	struct pgp_desk *desk;		/* NULL: none, or not needed */
	struct gpgme_context *desk_gpgme;	/* for the desk, as long as that */
	bool desk_tried;		/* do not look for one again */
	bool desk_agent;		/* it has an agent of its own ... */
	bool desk_no_signer;		/* ... or cannot sign */
	struct _gpgme_key **signers;	/* key objects, fetched once; owned */
	size_t signers_n;
	/* pgp_signature's: keys of parts that signed, asked for once; owned */
	struct pgp_named *named;
	size_t named_n, named_last;
};

/* True for 40 or 64 hex digits: all that may reach gpg as a key's name. */
bool pgp_context_fingerprint(const char *text);

/* A data object that reads `fd` from its offset; gpgme_data_release() it. NULL
 * with `err`. */
struct gpgme_data *pgp_context_data(int fd, struct err *err);

/* As that, of bytes in memory, which must outlive it. */
struct gpgme_data *pgp_context_memory(struct span bytes, struct err *err);

/* Has GPGME move as much of `data` at once as a pipe holds, not 512 octets. */
void pgp_context_in_large_steps(struct gpgme_data *data);

/*
 * Fetches the key object; gpgme_key_unref() it. With `secret` it must have its
 * secret part. NULL with `err` (ERR_CONF) when it is not in the home.
 */
struct _gpgme_key *pgp_context_key(struct pgp *pgp, const char *fingerprint,
				   bool secret, struct err *err);

/* A new context for the GnuPG home `home`. NULL with `err`. */
struct gpgme_context *pgp_context_new(const char *home, struct err *err);

/* The secret key object, fetched once; pgp's until pgp_forget_keys(). NULL with
 * `err` when there is none. */
struct _gpgme_key *pgp_context_secret(struct pgp *pgp, const char *fingerprint,
				      struct err *err);

/* Makes `fingerprint` the only signer (NULL: nobody) of what `gpgme` does next. */
int pgp_context_signer(struct pgp *pgp, struct gpgme_context *gpgme, const char *fingerprint,
		       struct err *err);

/*
 * Looks at the last signature of `gpgme`: exactly one, by a part of `fingerprint`, over
 * SHA-256 or better. `micalg` (may be NULL) becomes "pgp-sha256" or the like.
 */
int pgp_context_signed(struct gpgme_context *gpgme, const char *fingerprint, char micalg[32],
		       struct err *err);

/* Sets `err` from what GPGME answered, "WHAT: why". Always -1. */
int pgp_context_error(unsigned code, const char *what, struct err *err);

/* As that, of what was to be read: ERR_REFUSED unless it was the machine (memory,
 * processes, files) that failed. */
int pgp_context_message_error(unsigned code, const char *what, struct err *err);

/* Whether it says that a secret key has a passphrase, which nobody is asked for. */
bool pgp_context_locked(unsigned code);

/* As pgp_context_error, about the signing key where the code is about it. */
int pgp_context_signer_error(struct pgp *pgp, unsigned code, const char *fingerprint,
			     const char *what, struct err *err);

/* Sets `err` to what is wrong with a key that gpg refused. Always -1. */
int pgp_context_key_error(struct pgp *pgp, const char *fingerprint, bool sign,
			  struct err *err);

#endif
