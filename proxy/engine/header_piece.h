/*
 * header_piece - a header that is longer than what is held of it, in pieces: each is
 * looked at, and passes up to its last field, which is looked at once more with what
 * follows. Pure.
 */
#ifndef LETTERLOCK_HEADER_PIECE_H
#define LETTERLOCK_HEADER_PIECE_H

#include <stdbool.h>

#include <letterlock/buf.h>

enum { HEADER_PIECE_LEAST = 4 };	/* octets of which it can be said what passes */

struct header_piece {
	size_t passes;		/* octets from the front of what is held */
	/* There is no other field than the one that `held` begins with, and this passes
	 * but for the octets in which an empty line may have begun. */
	bool inside;
	bool claims;		/* ... and by its name may be a verdict of ours */
};

/* Of `held`, which ends in the midst of a header: HEADER_PIECE_LEAST or more. */
struct header_piece header_piece_of(struct span held);

/*
 * Takes off what passes. `marks` is how many octets at the front of `held` stand for
 * what passed before, and are not to pass: from now on 1 where the field goes on, so
 * that nobody takes its midst for another one.
 */
void header_piece_drop(struct buf *held, const struct header_piece *piece, size_t *marks);

#endif
