#include "proxy/engine/header_piece.h"

#include <string.h>

#include <letterlock/claim.h>

enum { EMPTY_LINE = 3 };	/* octets of CRLFCRLF that may be here */

/* Where the last field begins; 0: there is but one. Whoever ends lines at CR or LF
 * alone sees no more of them. */
static size_t last_field(struct span header)
{
	for (size_t at = header.len - 1; at > 0; at--)
		if ((header.at[at - 1] == '\n' || header.at[at - 1] == '\r') &&
		    !memchr(" \t\r\n", header.at[at], 4))
			return at;
	return 0;
}

struct header_piece header_piece_of(struct span held)
{
	struct header_piece piece = { .passes = last_field(held) };

	if (piece.passes > 0)
		return piece;
	piece.passes = held.len - EMPTY_LINE;
	piece.inside = true;
	piece.claims = claim_may_begin(held);
	return piece;
}

void header_piece_drop(struct buf *held, const struct header_piece *piece, size_t *marks)
{
	char rest[1 + EMPTY_LINE] = "_";

	buf_drop(held, piece->passes);
	*marks = piece->inside;
	if (!piece->inside)
		return;
	memcpy(rest + 1, buf_span(held).at, EMPTY_LINE);
	buf_clear(held);
	(void)buf_put(held, span_of(rest, sizeof(rest)));
}
