/* mime_fold - text without case, as SEARCH compares it. Pure. */
#ifndef LETTERLOCK_MIME_FOLD_H
#define LETTERLOCK_MIME_FOLD_H

#include <letterlock/buf.h>

/*
 * Appends `text` (UTF-8; what is not becomes U+FFFD) decomposed by Unicode's
 * NFKD and case-folded: nearly i;unicode-casemap (RFC 5051), which IMAP asks
 * for. Two texts that a reader takes for the same give the same bytes. -1 when
 * `out` is full.
 */
int mime_fold(struct span text, struct buf *out);

#endif
