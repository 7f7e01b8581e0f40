/*
 * canonical - a body in the form that is signed (RFC 3156 3 and 5): 7-bit, lines
 * of 998 octets at most, no blanks at line ends, no line that begins with
 * "From ". What is so already is copied byte for byte; else the leaves that are
 * not so are encoded anew, and everything around them stays.
 */
#ifndef LETTERLOCK_CANONICAL_H
#define LETTERLOCK_CANONICAL_H

#include <stdbool.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

#include "policy/job/entity.h"

struct message;
struct output;

/* How a part is written. */
enum canonical_way {
	CANONICAL_COPY,		/* as it is */
	CANONICAL_HEADER,	/* its header is written anew, not its body */
	CANONICAL_QUOTED,
	CANONICAL_BASE64,
	CANONICAL_INSIDE,	/* composite: something inside is encoded anew */
};

struct canonical {
	const struct message *message;	/* borrowed */
	struct entity_tree tree;
	enum canonical_way *ways;	/* one a part; owned */
	bool clean;			/* the whole body is copied */
};

/*
 * Looks at the body of `message`. -1 with `err` (ERR_REFUSED) when it would
 * have to be changed and its structure is not understood, or the part that
 * would have to be changed is signed already.
 */
int canonical_read(const struct message *message, struct canonical *canonical,
		   struct err *err);
void canonical_free(struct canonical *canonical);

/* The Content-Transfer-Encoding that the root gets, NULL: what it has. */
const char *canonical_encoding(const struct canonical *canonical);

/* Writes the body. */
void canonical_put(const struct canonical *canonical, struct output *out);

/* True when `text` needs no change. */
bool canonical_clean(struct span text);

#endif
