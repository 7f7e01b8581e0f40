/*
 * header - walks the raw header fields of a message without changing a byte
 * (RFC 5322 2.2). Pure. Lines end in CRLF; a bare CR, LF or NUL is not a
 * line end here: the SMTP engine lets none through.
 */
#ifndef LETTERLOCK_HEADER_H
#define LETTERLOCK_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/span.h>

enum {
	HEADER_BLOCK_MAX = 1024 * 1024,	/* octets of one header block */
	HEADER_FIELDS_MAX = 10000,
};

struct header_field {
	struct span name;	/* before the colon, blanks at its end cut */
	struct span body;	/* behind the colon, still folded, no last CRLF */
	struct span raw;	/* the whole field with its last CRLF */
};

/*
 * Takes the next field off `block`. 1: `field` is set (borrowed), 0: the
 * block is at its end (an empty line, or no bytes), -1: the next line is no
 * field (no colon, blank before anything, 8-bit or control character in the
 * name). `block` is left where it stopped.
 */
int header_next(struct span *block, struct header_field *field);

/*
 * Where the body begins in `message`: behind the first empty line. When the
 * header block ends otherwise (a line that is no field, or the end) that
 * place. `fields_end` (may be NULL) is where the fields end, before the empty
 * line. Only the first HEADER_BLOCK_MAX bytes are looked at: returns -1 when
 * they hold no end, or more than HEADER_FIELDS_MAX fields.
 */
int header_end(struct span message, size_t *fields_end, size_t *body);

/* How many fields named `name` (ASCII case ignored) `block` has; the first of
 * them in `field` when there is one (`field` may be NULL). */
size_t header_find(struct span block, const char *name,
		   struct header_field *field);

/* `body` unfolded (RFC 5322 2.2.3: CRLF before WSP removed) and trimmed, as a
 * new string owned by the caller. */
char *header_unfold(struct span body);

/* True for Content-* and MIME-Version: RFC 9788 2.1's structural fields. */
bool header_structural(struct span name);

#endif
