/*
 * imap_notify - a client's NOTIFY (RFC 5465), as it is said upstream. Pure.
 */
#ifndef LETTERLOCK_IMAP_NOTIFY_H
#define LETTERLOCK_IMAP_NOTIFY_H

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum imap_notify {
	IMAP_NOTIFY_FINE,
	IMAP_NOTIFY_BAD,	/* not in order */
	/* It wants to be told, unasked, what new messages look like: nothing
	 * that needs a view is told but by FETCH. */
	IMAP_NOTIFY_CONTENT,
};

/*
 * Appends to `out` what "NOTIFY" with `args` (their blank before) is upstream:
 * the same, with "selected-delayed" in place of "selected". Messages must not
 * be expunged in the midst of a FETCH, which is several there.
 */
enum imap_notify imap_notify_put(struct span args, struct buf *out);

#endif
