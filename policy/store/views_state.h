/* views_state - what the rooms of the store of views share. Private to
 * policy/store/views*. */
#ifndef LETTERLOCK_VIEWS_STATE_H
#define LETTERLOCK_VIEWS_STATE_H

#include "policy/crypto/cipher.h"
#include "policy/store/db.h"
#include "policy/store/views.h"

enum { VIEWS_BYTES_MAX = 1024 * 1024 * 1024 };	/* octets of one piece */

struct views {
	struct db *db;
	unsigned char key[CIPHER_KEY_SIZE];
	struct buf entry, view, words;	/* what the last call has opened */
};

/* Login, upstream, mailbox and UIDVALIDITY as statements take them. */
void views_state_place(const char *login, const struct ask_place *place,
		       struct db_value values[4]);

/* Appends the piece ("entry", "view", "words") that was kept sealed. */
int views_state_open(struct views *views, const char *login, const char *digest,
		     const char *piece, struct span sealed, struct buf *out, struct err *err);

#endif
