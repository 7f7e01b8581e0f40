/*
 * imap_search_keys - a SEARCH program (RFC 9051 6.4.4): which of its keys look
 * into messages, so that they are answered from views, and the program with
 * these said anew. Pure.
 */
#ifndef LETTERLOCK_IMAP_SEARCH_KEYS_H
#define LETTERLOCK_IMAP_SEARCH_KEYS_H

#include <letterlock/ask.h>
#include <letterlock/buf.h>
#include <letterlock/span.h>

enum {
	IMAP_SEARCH_KEYS_MAX = 32,	/* that look into messages */
	IMAP_SEARCH_DEPTH_MAX = 32,
	IMAP_SEARCH_WORDS_MAX = 5000,	/* keys of any kind */
};

struct imap_search_key {
	struct span raw;	/* "SUBJECT x", borrowed from the program */
	enum ask_find find;
	char *field;		/* HEADER: owned */
	char *text;		/* owned; NULL for sizes */
	uint64_t number;	/* LARGER, SMALLER */
};

struct imap_search_keys {
	struct imap_search_key at[IMAP_SEARCH_KEYS_MAX];
	size_t n;
	struct span program;	/* the keys, with the blank before them; borrowed */
	bool foreign;		/* CHARSET is neither US-ASCII nor UTF-8 */
};

enum imap_search_kind { IMAP_SEARCH, IMAP_SORT, IMAP_THREAD };

/*
 * Reads what stands behind the verb, with its blank: RETURN options and CHARSET
 * of SEARCH, order or algorithm and charset of SORT and THREAD, then keys. -1: it
 * is not in order, has keys that are not known here, or too many.
 */
int imap_search_keys_read(struct span args, enum imap_search_kind kind,
			  struct imap_search_keys *keys);
void imap_search_keys_free(struct imap_search_keys *keys);

/*
 * Appends `args` with key i answered by sets of UIDs: of all messages that have
 * a view, and of those among them that hold it (either may be ""). Where several
 * keys name the same views these are said twice, not with each key. -1: full.
 */
int imap_search_keys_put(struct span args, const struct imap_search_keys *keys,
			 const struct span *all, const struct span *found, struct buf *out);

#endif
