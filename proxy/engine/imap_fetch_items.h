/*
 * imap_fetch_items - what a client's FETCH asks for (RFC 3501 6.4.5, RFC 3516,
 * RFC 7162). Pure. A list of what is known: what is not is refused.
 */
#ifndef LETTERLOCK_IMAP_FETCH_ITEMS_H
#define LETTERLOCK_IMAP_FETCH_ITEMS_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum {
	IMAP_FETCH_ITEMS_MAX = 64,
	IMAP_FETCH_PATH_MAX = 32,	/* numbers of a section: 1.2.3 */
	IMAP_FETCH_NAMES_MAX = 1000,	/* of fields, in all items */
};

enum imap_fetch_kind {
	IMAP_FETCH_FLAGS,
	IMAP_FETCH_UID,
	IMAP_FETCH_INTERNALDATE,
	IMAP_FETCH_MODSEQ,
	IMAP_FETCH_SIZE,		/* RFC822.SIZE; from here on of the content */
	IMAP_FETCH_ENVELOPE,
	IMAP_FETCH_BODY,		/* the structure without extensions */
	IMAP_FETCH_BODYSTRUCTURE,
	IMAP_FETCH_SECTION,		/* BODY[...], RFC822, .HEADER, .TEXT */
	IMAP_FETCH_BINARY,		/* BINARY[1.2]: its text is ALL */
	IMAP_FETCH_BINARY_SIZE,
};

/* What of the message, or of the part that the path leads to. */
enum imap_fetch_text {
	IMAP_FETCH_ALL,			/* [], [1.2] */
	IMAP_FETCH_HEADER,
	IMAP_FETCH_FIELDS,		/* HEADER.FIELDS (...) */
	IMAP_FETCH_FIELDS_NOT,
	IMAP_FETCH_TEXT,
	IMAP_FETCH_MIME,
};

struct imap_fetch_item {
	enum imap_fetch_kind kind;
	/* SECTION, BINARY, BINARY_SIZE */
	bool seen;			/* it sets \Seen: not PEEK */
	enum imap_fetch_text text;
	uint32_t path[IMAP_FETCH_PATH_MAX];
	size_t path_n;
	struct span fields;		/* between the parentheses, borrowed */
	bool partial;			/* <offset.count> */
	uint64_t offset, count;
	/* How an answer names it: the first part (borrowed, or a constant);
	 * with a section it is "BODY" or its like, then `section`, then <offset>. */
	struct span name, section;	/* section with its brackets */
};

struct imap_fetch_items {
	struct imap_fetch_item *at;	/* owned: imap_fetch_items_free() */
	size_t n;
	bool content;			/* some tell what a message looks like */
	bool seen;			/* some set \Seen */
	bool binary;			/* some are of BINARY (RFC 3516) */
	size_t names;			/* of fields, that they name */
	/* " (CHANGEDSINCE 5)", with or without VANISHED, as it stands, borrowed, or
	 * empty: of messages that have changed since. MODSEQ is an item then, asked for or not. */
	struct span since;
};

/*
 * Reads "1:* (FLAGS BODY[])" or "1 ALL", with its blank before: `set` as it
 * stands (not looked at), `items` borrow from `args`. -1: it is not in order,
 * or asks for what is not known here; then there are none to free.
 */
int imap_fetch_items_read(struct span args, struct span *set,
			  struct imap_fetch_items *items);

/* Does nothing for zeroed ones. */
void imap_fetch_items_free(struct imap_fetch_items *items);

/* Appends how the answer names it: "BODY[1.MIME]<5>". -1 when `out` is full. */
int imap_fetch_items_put_name(const struct imap_fetch_item *item, struct buf *out);

#endif
