/*
 * openpgp_select - cuts an encrypted OpenPGP message down to the session keys
 * that are for certain keys (RFC 9580 10.3), so that gpg, which tries all the
 * secret keys it has, can use no other: who may read is decided here. Pure.
 */
#ifndef LETTERLOCK_OPENPGP_SELECT_H
#define LETTERLOCK_OPENPGP_SELECT_H

#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>
#include <letterlock/span.h>

enum {
	/* More are left out: each costs a try, and who writes them may write many. */
	OPENPGP_SELECT_NAMED = 64,	/* session keys that name an id */
	OPENPGP_SELECT_HIDDEN = 8,	/* hidden recipients that are tried */
	OPENPGP_SELECT_IDS = 64,	/* key ids that they are tried with */
};

/*
 * Takes the armour off `text`: one block with nothing around it.
 * The octets are appended to `out`; -1 with `err` (ERR_REFUSED).
 */
int openpgp_select_dearmor(struct span text, struct buf *out, struct err *err);

/*
 * Appends to `out` the message `packets` (binary) with the session keys that
 * name one of `ids`; those that name nobody are made to name each of them. What
 * is behind the session keys is not changed. -1 with `err` (ERR_REFUSED) when
 * nothing is left, for a passphrase, for encryption without integrity (RFC 9580
 * 13.7), and for what is not session keys and then encrypted data, to the end.
 */
int openpgp_select_for(struct span packets, const uint64_t *ids, size_t n,
		       struct buf *out, struct err *err);

/*
 * 0 when `packets` (binary) are signatures over a document (classes 0x00 and
 * 0x01 of RFC 9580 5.2.1) and nothing else; otherwise -1 with `err`.
 */
int openpgp_select_document(struct span packets, struct err *err);

#endif
