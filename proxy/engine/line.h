/* line - takes CRLF-ended lines off a byte queue. Pure: no I/O, no allocation. */
#ifndef LETTERLOCK_LINE_H
#define LETTERLOCK_LINE_H

#include <letterlock/buf.h>
#include <letterlock/err.h>

enum line_result {
	LINE_LONG = -2,		/* more than `max` bytes; likewise */
	LINE_BAD = -1,		/* `err` says why; nothing was taken */
	LINE_MORE = 0,		/* no whole line yet; nothing was taken */
	LINE_TAKEN = 1,
};

/*
 * Takes the first line off `in`. `line` (without its CRLF) is borrowed from
 * `in`: valid until `in` next changes. A NUL, a bare CR or LF is LINE_BAD,
 * since servers disagree on such lines (smuggling). Of several faults the
 * first in the line counts, so that splits do not matter.
 */
enum line_result line_take(struct buf *in, size_t max, struct span *line,
			   struct err *err);

/*
 * Drops bytes off `in` up to and with the first CRLF: for what line_take()
 * refused. LINE_TAKEN when it was there, LINE_MORE when it is still to come
 * (then only a CR may be left in `in`). Adds what was dropped to `dropped`.
 */
enum line_result line_drop(struct buf *in, size_t *dropped);

#endif
