/*
 * openpgp_armor - takes the armour (RFC 9580 6) off bytes as they stream by:
 * one block, of which head, checksum and tail must agree. Pure. Stricter than
 * gpg, which reads on behind what it does not understand.
 */
#ifndef LETTERLOCK_OPENPGP_ARMOR_H
#define LETTERLOCK_OPENPGP_ARMOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/span.h>

#include "policy/crypto/openpgp_crc.h"

enum { OPENPGP_ARMOR_LINE = 80 };	/* of a longer line only the front counts */

enum openpgp_armor_place {
	OPENPGP_ARMOR_BEFORE,	/* no BEGIN yet */
	OPENPGP_ARMOR_HEADERS,
	OPENPGP_ARMOR_DATA,
	OPENPGP_ARMOR_PADDED,	/* behind the last octet, its line not ended */
	OPENPGP_ARMOR_CLOSING,	/* in the checksum or the tail */
	OPENPGP_ARMOR_BEHIND,	/* the END was there */
	OPENPGP_ARMOR_BAD,
};

enum openpgp_armor_label {
	OPENPGP_ARMOR_MESSAGE,
	OPENPGP_ARMOR_SIGNATURE,
	OPENPGP_ARMOR_KEYS,
};

/* Fields are openpgp_armor's own but for those that are said to be read. */
struct openpgp_armor {
	enum openpgp_armor_place place;		/* read: where it is */
	enum openpgp_armor_label label;		/* read */
	bool text_around;	/* read: other text before or behind */
	bool header_words;	/* read: what no known program writes there */
	const char *why;	/* read: when BAD, for people */
	char line[OPENPGP_ARMOR_LINE];
	size_t line_len;	/* may be beyond what is kept */
	uint32_t quantum;	/* up to 3 characters of 6 bits */
	unsigned quantum_n;
	bool line_begun, blank_seen, checked;
	size_t begin;		/* which head it was: its number in a table */
	struct openpgp_crc crc;
	unsigned char class_of[256];	/* of characters in base64 */
};

void openpgp_armor_init(struct openpgp_armor *armor);

/*
 * Takes bytes off `in` until it is empty or `out` may be full, and returns how
 * many octets it wrote to `out` (of `size`, at least 4). Call again while `in`
 * is not empty.
 */
size_t openpgp_armor_take(struct openpgp_armor *armor, struct span *in,
			  unsigned char *out, size_t size);

/* There are no more bytes. False, and `why` says why, when it was not whole. */
bool openpgp_armor_end(struct openpgp_armor *armor);

#endif
