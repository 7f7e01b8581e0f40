/*
 * decode - base64, quoted-printable and charsets, as leniently as mail clients
 * read them, so that a rule sees what a reader would see. Pure.
 */
#ifndef LETTERLOCK_DECODE_H
#define LETTERLOCK_DECODE_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

/* Takes decoded octets; false ends the decoding. */
typedef bool (*decode_sink)(void *to, struct span bytes);

/*
 * Gives what `text` encodes to `sink`, in runs. `exact` becomes false where
 * the text is not as RFC 2045 asks (see struct transfer).
 */
void decode_base64(struct span text, decode_sink sink, void *to, bool *exact);
void decode_quoted(struct span text, decode_sink sink, void *to, bool *exact);

/* A sink for a struct buf; it is full at its limit. */
bool decode_into_buf(void *buf, struct span bytes);

/*
 * Appends `bytes` of `charset` (NULL: not said) as UTF-8. What is no character
 * becomes U+FFFD and `exact` false, as for an unknown charset (then read as
 * ISO 8859-1) and for one in which ASCII is not itself. NULs become blanks. -1 when `out` is full.
 */
int decode_charset(struct span bytes, const char *charset, struct buf *out,
		   bool *exact);

#endif
