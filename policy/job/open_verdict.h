/*
 * open_verdict - the two headers in which a reader is told what became of a
 * message: Authentication-Results (RFC 8601) and X-Letterlock. Pure.
 */
#ifndef LETTERLOCK_OPEN_VERDICT_H
#define LETTERLOCK_OPEN_VERDICT_H

#include <stdbool.h>

#include <letterlock/buf.h>

#include "policy/crypto/pgp.h"

struct key;

enum open_word {
	OPEN_SIGNATURE_NONE,
	OPEN_SIGNATURE_GOOD,
	OPEN_SIGNATURE_BAD,
	OPEN_SIGNATURE_UNKNOWN,
	OPEN_SIGNATURE_MISMATCH,	/* the signer is not who From says */
	OPEN_SIGNATURE_REPLAYED,	/* it belongs to another message */
};

/*
 * The word for `signature` on a message whose only From is `from` (normal form;
 * NULL: there is no such) and whose signer's key is `signer` (NULL: not known).
 */
enum open_word open_verdict(const struct pgp_signature *signature, const struct key *signer,
			    const char *from, bool contradicted);

struct open_said {
	const char *hostname;
	const char *first;	/* "decrypted", "signed"; NULL: not opened */
	enum open_word word;
	bool contradicted;	/* the header inside is not of this message */
	const struct pgp_signature *signature;
	const struct key *signer;	/* or NULL */
	const char *from;	/* the one address in From, or NULL */
	const char *method;	/* "openpgp", "smime" */
	const char *reason;	/* not opened: why; for people */
};

/* Appends both fields; `first` NULL and `reason` NULL: only the first, for inline
 * content that is not looked at. -1 when `out` is full. */
int open_verdict_put(const struct open_said *said, struct buf *out);

#endif
