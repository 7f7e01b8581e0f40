/*
 * spare - blocks of memory that the queues of one loop's connections take
 * turns with: large while bytes move, none (or little) while they do not, and
 * neither malloc() nor growing in between.
 */
#ifndef LETTERLOCK_SPARE_H
#define LETTERLOCK_SPARE_H

#include <letterlock/buf.h>

struct spare;

struct spare *spare_new(void);
void spare_free(struct spare *spare);	/* NULL is fine */

/* Gives `buf` a large block; what it holds stays. */
void spare_lend(struct spare *spare, struct buf *buf);

/*
 * Takes the block back: at once from an empty queue, in exchange for a small
 * one where few bytes are left. Wipes where a password may have stood.
 */
void spare_return(struct spare *spare, struct buf *buf);

#endif
