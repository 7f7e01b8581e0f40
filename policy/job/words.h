/*
 * words - what SEARCH looks for in a view: its decoded header fields and text,
 * folded (mime_fold), as views_find() reads them. Pure.
 */
#ifndef LETTERLOCK_WORDS_H
#define LETTERLOCK_WORDS_H

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum { WORDS_MAX = 8 * 1024 * 1024 };	/* octets; what is beyond is not found */

/*
 * Appends to `out` (of limit WORDS_MAX): each field of the header, unfolded and
 * decoded by RFC 2047, as "name: value" and LF; an empty line; then the text of
 * all text parts in UTF-8 (HTML as it is written) and the header fields of
 * embedded messages. What does not fit is left out.
 */
void words_make(struct span view, struct buf *out);

#endif
