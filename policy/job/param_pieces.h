/* param_pieces - parameters by RFC 2231: "name*0*=", "name*=". Pure. */
#ifndef LETTERLOCK_PARAM_PIECES_H
#define LETTERLOCK_PARAM_PIECES_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/buf.h>

struct content_param;
struct content_type;

/* A name as RFC 2231 reads it. */
struct param_piece {
	struct span base;
	size_t index;
	bool extended;		/* its value is percent-encoded */
};

/* False: a name without a star, or none that the grammar knows. */
bool param_pieces_read(struct span name, struct param_piece *piece);

/* The piece of `base` with this index, or NULL. */
const struct content_param *param_pieces_at(const struct content_type *type, struct span base,
					    size_t index, bool *extended);

/* How many pieces `base` has; 0 when one is missing or there twice. */
size_t param_pieces_count(const struct content_type *type, struct span base,
			  bool *any_extended);

/* Appends the octets that a percent-encoded value stands for; -1 when full. */
int param_pieces_decode(struct span value, struct buf *out);

#endif
