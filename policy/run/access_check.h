/*
 * access_check - who else could change what the gateway goes by, or read what
 * only it may: files of the configuration, private keys, the GnuPG home, the
 * state, and the directories above them.
 */
#ifndef LETTERLOCK_ACCESS_CHECK_H
#define LETTERLOCK_ACCESS_CHECK_H

#include "policy/rules/conf.h"

struct snapshot;

/*
 * Appends a problem, with the command that mends it, for each file or directory
 * that belongs to somebody else than root, the gateway's account and who we
 * are, or that others may write to (a private key, the state: read). What
 * stands in a directory that lets nobody else in is fine, and so is one like
 * /tmp, where nobody can replace what is another's. None when the account is
 * root, or is not there (conf_check). `conf` was read from
 * `snapshot`.
 */
void access_check(const struct conf *conf, const struct snapshot *snapshot,
		  struct problems *problems);

#endif
