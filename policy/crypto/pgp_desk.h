/*
 * pgp_desk - a small GnuPG home beside a large one: the few public keys that
 * are in use lie on it. gpg reads through its whole keyring for each message;
 * through that of the desk it is fast, however many keys there are.
 *
 * Only a matter of speed: whoever finds no desk, or fails on it, works in the
 * home itself. No secret key is ever copied: gpg asks the home's own agent, or
 * one for this desk alone that reads the home's key files.
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

/*
 * A desk in the directory `home`, with an agent of its own if `agent`; gpg starts
 * it, and it ends when the desk is removed. NULL when a desk would be of no use
 * there (few keys, and no agent) or cannot be (no pubring.kbx, options for some
 * version of gpg, a path too long for a socket).
 */
struct pgp_desk *pgp_desk_new(const char *home, bool agent);

/* Removes all of it. */
void pgp_desk_free(struct pgp_desk *desk);

/* The directory to give to gpg. */
const char *pgp_desk_path(const struct pgp_desk *desk);

/* False when the home's keyring or its gpg.conf is no longer what it was. */
bool pgp_desk_current(const struct pgp_desk *desk);

/*
 * Sees to it that these keys, and `signer` unless it is NULL, lie there. -1
 * when one is not in the home, or `signer` needs the home's agent and that does
 * not run.
 */
int pgp_desk_lay(struct pgp_desk *desk, const struct strs *fingerprints, const char *signer);

#endif
