/*
 * content_type - the fields Content-Type and Content-Disposition (RFC 2045 5.1,
 * RFC 2183, RFC 2231), read and written without touching what need not change.
 * Pure.
 */
#ifndef LETTERLOCK_CONTENT_TYPE_H
#define LETTERLOCK_CONTENT_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/buf.h>
#include <letterlock/span.h>

enum {
	CONTENT_TYPE_PARAMS_MAX = 100,
	/* Longer names make GMime 3.2.13 loop when it writes them. */
	CONTENT_TYPE_NAME_MAX = 40,
};

struct content_param {
	struct span name;
	char *value;		/* without quotes and folding; owned */
	struct span raw;	/* from its `;` to its end */
	bool odd;		/* clients may read another value */
};

struct content_type {
	char *value;		/* "text/plain", "attachment": lower case */
	struct content_param *params;
	size_t n;
	bool twice;		/* a parameter is there more than once */
	bool odd;		/* not by the grammar, but clients read it */
	bool stray;		/* so that a parameter may have been missed */
	bool open;		/* its last quote has no end */
};

/*
 * Reads a field body, which `type` borrows from. What sloppy clients write is
 * `odd`: a parameter without a value, blanks in a bare value (it then goes on to
 * the next `;`), text between parameters, a quote without an end. 0, or -1 when
 * it cannot be read: no value in front, an open comment, too many parameters, or
 * a name that is too long; `type` is then empty. `slash`: it has to be a media
 * type.
 */
int content_type_parse(struct span body, bool slash, struct content_type *type);

/* True when a media type stands in front of `body`, whatever follows. */
bool content_type_begins(struct span body);
void content_type_free(struct content_type *type);

/* The first parameter of this name (case ignored), or NULL; its value. */
const struct content_param *content_type_find(const struct content_type *type,
					      const char *name);
const char *content_type_param(const struct content_type *type,
			       const char *name);

/* True when a parameter `name` is there in the forms of RFC 2231, "name*" or
 * "name*0", which not all programs read. */
bool content_type_extended(const struct content_type *type, const char *name);

/* True when `type` is the media type `value` (lower case). */
bool content_type_is(const struct content_type *type, const char *value);

/*
 * Appends `body`, which was read as `type`, without its parameters `name`, in the
 * writing of RFC 2231 too, and with `name`="`value`" at its end. -1 when `out` is full.
 */
int content_type_put_with(const struct content_type *type, struct span body,
			  const char *name, const char *value, struct buf *out);

/* Appends `body` with the parameters that hold 8-bit octets written by
 * RFC 2231; other 8-bit octets (comments) become `?`. -1 when `out` is full. */
int content_type_put_ascii(const struct content_type *type, struct span body,
			   struct buf *out);

#endif
