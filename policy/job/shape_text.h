/* shape_text - strings as an IMAP server writes them (RFC 9051 4.3). Pure. */
#ifndef LETTERLOCK_SHAPE_TEXT_H
#define LETTERLOCK_SHAPE_TEXT_H

#include <letterlock/buf.h>
#include <letterlock/span.h>

struct header_field;

/*
 * Appends `text` quoted, or as a literal where it has octets that no quoted
 * string may hold; line ends and NULs in it are left out. Buffers have limits:
 * callers look at the end whether one was met (shape_text_full).
 */
void shape_text_put(struct span text, struct buf *out);

/* The same for a field's body, unfolded; NIL for NULL. */
void shape_text_field(const struct header_field *field, struct buf *out);

/* Whether something did not fit: then `out` is of no use. */
bool shape_text_full(const struct buf *out);

#endif
