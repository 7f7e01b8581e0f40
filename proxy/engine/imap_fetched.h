/*
 * imap_fetched - reads a FETCH response of a server's item by item (RFC 9051
 * 7.5.2). Pure, allocates nothing.
 */
#ifndef LETTERLOCK_IMAP_FETCHED_H
#define LETTERLOCK_IMAP_FETCHED_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/span.h>

struct imap_fetched {
	uint32_t number;	/* the message's sequence number */
	struct span rest;
};

/* One item: its name as the server wrote it, and its value. */
struct imap_fetched_item {
	struct span name;	/* "UID", "BODY[HEADER.FIELDS (A B)]<0>" */
	enum imap_fetched_value {
		IMAP_FETCHED_NIL,
		IMAP_FETCHED_WORD,	/* a number, an atom */
		IMAP_FETCHED_STRING,	/* quoted (backslashes still in it) or
					 * literal: its bytes */
		IMAP_FETCHED_LIST,	/* with its parentheses */
		IMAP_FETCHED_COMING,	/* a literal that is announced at the
					 * end of this text (IMAP_CLIENT_BIG) */
	} kind;
	struct span value;
};

/* "5 FETCH (...)" without "* ". False: it is something else. */
bool imap_fetched_begin(struct span text, struct imap_fetched *fetched);

/* The next item. 1: `item` is set, 0: there is none, -1: this is broken. */
int imap_fetched_next(struct imap_fetched *fetched, struct imap_fetched_item *item);

/* The number of a WORD; 0 when it is none. */
uint32_t imap_fetched_number(const struct imap_fetched_item *item);

#endif
