/*
 * pgp_desk - a small GnuPG home beside a large one: the few public keys that
 * are in use lie on it. gpg reads through its whole keyring for each message;
 * through that of the desk it is fast, however many keys there are.
 *
 * Only a matter of speed: whoever finds no desk, or fails on it, works in the
 * home itself. No secret key is ever on it; gpg asks the home's own agent.
 */
#ifndef LETTERLOCK_PGP_DESK_H
#define LETTERLOCK_PGP_DESK_H

#include <stdbool.h>

#include <letterlock/strs.h>

enum {
	PGP_DESK_FROM = 256 * 1024,	/* bytes of keyring that are worth it */
	PGP_DESK_KEYS = 256,		/* that lie there at once */
};

struct pgp_desk;

/* A desk in the directory `home`; NULL when it would be of no use there (few
 * keys, no pubring.kbx, options for some version of gpg) or cannot be. */
struct pgp_desk *pgp_desk_new(const char *home);

/* Removes all of it. */
void pgp_desk_free(struct pgp_desk *desk);

/* The directory to give to gpg. */
const char *pgp_desk_path(const struct pgp_desk *desk);

/* False when the home's keyring is no longer what the keys were taken from. */
bool pgp_desk_current(const struct pgp_desk *desk);

/*
 * Sees to it that these keys, and `signer` unless it is NULL, lie there. -1
 * when one is not in the home, or the home's agent does not run for `signer`.
 */
int pgp_desk_lay(struct pgp_desk *desk, const struct strs *fingerprints, const char *signer);

#endif
