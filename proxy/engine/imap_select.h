/*
 * imap_select - the parameters of a client's SELECT or EXAMINE (RFC 4466 2.1),
 * and what VANISHED tells (RFC 7162 3.2). Pure.
 */
#ifndef LETTERLOCK_IMAP_SELECT_H
#define LETTERLOCK_IMAP_SELECT_H

#include <stdbool.h>

#include <letterlock/span.h>

#include "proxy/engine/imap_set.h"

/*
 * Whether `text`, which stands behind the mailbox, is "" or a list of CONDSTORE
 * and (only with `qresync`) QRESYNC: " (QRESYNC (67 90 41,43:211 (1:3 2:5)))".
 */
bool imap_select_in_order(struct span text, bool qresync);

enum imap_vanished {
	IMAP_VANISHED_NOT,	/* it is another response, or not in order */
	IMAP_VANISHED_EARLIER,	/* numbers stay as they are */
	IMAP_VANISHED_NOW,	/* `uids` is set, the caller's */
};

/* Reads an untagged response: "VANISHED (EARLIER) 41,43", "VANISHED 405". */
enum imap_vanished imap_select_vanished(struct span text, struct imap_set *uids);

#endif
