/* shape_params - a field's parameters as IMAP tells them (RFC 9051 7.5.2). Pure. */
#ifndef LETTERLOCK_SHAPE_PARAMS_H
#define LETTERLOCK_SHAPE_PARAMS_H

#include <stdbool.h>

#include <letterlock/buf.h>

struct content_type;

enum { SHAPE_PARAMS_VALUE_MAX = 1024 * 1024 };	/* octets of one in pieces */

/*
 * Appends them in parentheses, or NIL. Those in pieces (RFC 2231 3: "name*0=")
 * are put together, behind the others, as clients ask servers to; when a piece
 * is missing they stay as they are. `text`: its charset is said by default, too.
 */
void shape_params_put(const struct content_type *type, bool text, struct buf *out);

#endif
