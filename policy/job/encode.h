/*
 * encode - quoted-printable and base64 bodies (RFC 2045 6.7, 6.8) that nothing
 * on the way has a reason to touch.
 */
#ifndef LETTERLOCK_ENCODE_H
#define LETTERLOCK_ENCODE_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/span.h>

struct output;

/* One body on its way. */
struct encode {
	struct output *out;	/* borrowed */
	bool quoted;		/* else base64 */
	size_t column;		/* in the line that is written */
	char blank;		/* held: counts only inside a line; 0: none */
	bool cr;		/* held: ends a line when LF follows */
	uint32_t bits;		/* of the base64 group that is open */
	unsigned octets;	/* in it */
};

void encode_init(struct encode *encode, bool quoted, struct output *out);

/* Takes the next octets (a decode_sink): always true. */
bool encode_sink(void *encode, struct span bytes);

/* Writes what is held. */
void encode_end(struct encode *encode);

#endif
