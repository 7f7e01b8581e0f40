/*
 * imap_answer - what a client's FETCH asks of a message that is opened, cut
 * from its shape and its view. Pure. All items of one message are cut from the
 * same two, so that any two answers agree (THREATS 89).
 */
#ifndef LETTERLOCK_IMAP_ANSWER_H
#define LETTERLOCK_IMAP_ANSWER_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/shape.h>
#include <letterlock/span.h>

#include "proxy/engine/imap_fetch_items.h"

/* Whether some item cannot be cut from the shape alone. */
bool imap_answer_needs_view(const struct imap_fetch_items *items,
			    const struct shape *shape);

/*
 * Appends the name of an item of the content (from IMAP_FETCH_SIZE to
 * IMAP_FETCH_SECTION; those behind are imap_binary's) and how its value begins
 * to `head`; `body` is the rest, which follows as it is (borrowed from the shape
 * or the view; may be empty). `view` is empty where it is not needed. What the
 * message does not have is empty. -1 when `head` is full, or the item is none of
 * those.
 */
int imap_answer_item(const struct imap_fetch_item *item, const struct shape *shape,
		     struct span view, struct buf *head, struct span *body);

#endif
