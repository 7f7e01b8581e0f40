/*
 * imap_binary - what BINARY[1.2] and BINARY.SIZE[1.2] ask of a message that is
 * opened (RFC 3516 4.2): a part of its view without its transfer encoding. It
 * is decoded twice, since its length goes first, and piece by piece, since it
 * may be large. Pure.
 *
 * Only a part's own encoding is undone: a multipart, an embedded message and the
 * whole message are as BODY[...] shows them.
 */
#ifndef LETTERLOCK_IMAP_BINARY_H
#define LETTERLOCK_IMAP_BINARY_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/shape.h>
#include <letterlock/span.h>
#include <letterlock/transfer.h>

#include "proxy/engine/imap_fetch_items.h"

enum { IMAP_BINARY_PIECE = 8 * 1024 };	/* octets that one call gives or counts */

struct imap_binary {
	const struct imap_fetch_item *item;	/* borrowed */
	struct transfer transfer;
	struct transfer start;	/* as it was at, or somewhat before, the first octet asked for */
	uint64_t start_at;	/* ... after so many */
	uint64_t at;		/* octets decoded so far */
	uint64_t from, to;	/* those asked for, [from, to) */
	bool nul;		/* some of them are NUL */
};

/* Whether all the encodings are known that `items` ask to undo. */
bool imap_binary_known(const struct imap_fetch_items *items, const struct shape *shape);

/* Begins to count what `item` (BINARY or BINARY_SIZE) asks for; `view` is borrowed. */
void imap_binary_begin(struct imap_binary *binary, const struct imap_fetch_item *item,
		       const struct shape *shape, struct span view);

/* Counts on, a piece; true: all is counted. */
bool imap_binary_count(struct imap_binary *binary);

/* After that: appends the item's name and its value, or how that begins ("{3}CRLF",
 * "~{3}CRLF" where it holds a NUL). -1 when `head` is full. */
int imap_binary_put(struct imap_binary *binary, struct buf *head);

/* After that: appends the next piece of the value. True: that was all of it. */
bool imap_binary_next(struct imap_binary *binary, struct buf *out);

#endif
