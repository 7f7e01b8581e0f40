/*
 * open_clear - mail that is neither encrypted nor signed: shown byte for byte, but
 * for what pretends to be a verdict of ours. Pure.
 */
#ifndef LETTERLOCK_OPEN_CLEAR_H
#define LETTERLOCK_OPEN_CLEAR_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

/*
 * Whether a verdict in the name of `hostname` stands in a line before the first
 * empty one: also behind a line that is no field, and where only some would see a
 * line's end.
 */
bool open_clear_bears_verdict(struct span message, const char *hostname);

/* Appends the message without those lines. -1: `out` is full. */
int open_clear_put(struct span message, const char *hostname, struct buf *out);

#endif
