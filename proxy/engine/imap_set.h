/* imap_set - sets of sequence numbers or UIDs, "1:3,7,9:*" (RFC 9051 9). Pure. */
#ifndef LETTERLOCK_IMAP_SET_H
#define LETTERLOCK_IMAP_SET_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum {
	IMAP_SET_RANGES_MAX = 65536,
	IMAP_SET_STAR = UINT32_MAX - 1,	/* no UID of a mailbox in use */
};

struct imap_range {
	uint32_t from, to;	/* from <= to */
};

/* Ranges in order that neither touch nor overlap. Zeroed is empty. */
struct imap_set {
	struct imap_range *at;
	size_t n;
};

/*
 * Reads all of `text`; `*` counts as `star` (0: the largest is not known,
 * then IMAP_SET_STAR, which imap_set_put() writes as `*` again). -1 when it is no set.
 */
int imap_set_read(struct imap_set *set, struct span text, uint32_t star);
void imap_set_free(struct imap_set *set);	/* empty, may be used again */

bool imap_set_has(const struct imap_set *set, uint32_t number);
/* Whether some, whether all of `range` are in it. */
bool imap_set_meets(const struct imap_set *set, struct imap_range range);
bool imap_set_covers(const struct imap_set *set, struct imap_range range);
/* -1 when that would be too many ranges. Numbers that grow cost least. */
int imap_set_add(struct imap_set *set, uint32_t number);
void imap_set_remove(struct imap_set *set, uint32_t number);
/* As EXPUNGE does with sequence numbers: removes it, those above it move down. */
void imap_set_expunge(struct imap_set *set, uint32_t number);
/* How many numbers are in it. */
uint64_t imap_set_count(const struct imap_set *set);
/*
 * For numbers that grow from call to call: how many of the set are below
 * `number`. `walk` is zeroed before the first.
 */
struct imap_set_walk {
	size_t at;
	uint64_t below;
};
uint64_t imap_set_below(const struct imap_set *set, struct imap_set_walk *walk, uint32_t number);
/* Appends its text; "" when empty. -1 when `out` is full. */
int imap_set_put(const struct imap_set *set, struct buf *out);

#endif
