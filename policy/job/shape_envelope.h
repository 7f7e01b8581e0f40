/*
 * shape_envelope - the ENVELOPE of a message (RFC 9051 7.5.2): its addresses
 * read as leniently as IMAP servers do. For showing only: whom a message is
 * from is never decided by it. Pure.
 */
#ifndef LETTERLOCK_SHAPE_ENVELOPE_H
#define LETTERLOCK_SHAPE_ENVELOPE_H

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum { SHAPE_ENVELOPE_ADDRESSES = 10000 };	/* of one field that are told */

/* Appends the envelope of the message with these header fields. */
void shape_envelope_put(struct span fields, struct buf *out);

#endif
