/*
 * imap_literal - the literals in the text of a command that is to be said: a
 * CRLF stands in it nowhere but behind "{n}", before n octets. Pure.
 */
#ifndef LETTERLOCK_IMAP_LITERAL_H
#define LETTERLOCK_IMAP_LITERAL_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/buf.h>

/* How long the first line of `text` is, and the literal that it announces.
 * False: it is the last one, and announces none. */
bool imap_literal_first(struct span text, size_t *len, uint64_t *size);

/* All literals are announced, and are there; no NUL, CR or LF is but in them. */
bool imap_literal_sayable(struct span text);

/* Appends `line` with its announcement as "{n}", or "{n+}" (RFC 7888), and CRLF. */
void imap_literal_put(struct buf *out, struct span line, uint64_t size, bool plus);

#endif
