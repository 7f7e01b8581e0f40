/*
 * views_key - the key under which views are kept: a file of its own in the
 * GnuPG home, so that whoever has the state alone reads nothing. Blocking.
 */
#ifndef LETTERLOCK_VIEWS_KEY_H
#define LETTERLOCK_VIEWS_KEY_H

#include <letterlock/err.h>

#include "policy/crypto/cipher.h"

struct db;

/*
 * Reads `key` from `path`. The first time that the state is used it is made
 * (mode 0600, on the disc before this returns), and the state keeps a proof of
 * it. -1 with `err` (ERR_CONF): the file is missing although views are kept, is
 * open to others, is no key, or is not the one that they were kept under.
 */
int views_key_load(struct db *db, const char *path, unsigned char key[CIPHER_KEY_SIZE],
		   struct err *err);

#endif
