/*
 * pgp_place - where gpg works on a message: on the desk (pgp_desk) when that is
 * faster, otherwise, or when that failed, in the GnuPG home.
 *
 * It is faster where the keyring is large, and for RSA signatures: one agent
 * makes them one after the other, on one core, so each sealer has its own.
 */
#ifndef LETTERLOCK_PGP_PLACE_H
#define LETTERLOCK_PGP_PLACE_H

#include <letterlock/err.h>
#include <letterlock/strs.h>

struct gpgme_context;
struct pgp;

struct pgp_place_work {
	const struct strs *recipients;	/* fingerprints */
	const char *signer;		/* or NULL */
	int in, out;
	/* Does it with `gpgme`. What is wrong needs to be found out only where
	 * `gpgme` is pgp->gpgme. */
	int (*run)(struct pgp *pgp, struct gpgme_context *gpgme, void *data, struct err *err);
	void *data;
};

/* Runs `work`, twice if need be: `in` and `out` are then back at the offsets
 * where they were, and `out` ends there. What the last run returned. */
int pgp_place_run(struct pgp *pgp, const struct pgp_place_work *work, struct err *err);

/* Removes the desk. */
void pgp_place_leave(struct pgp *pgp);

#endif
