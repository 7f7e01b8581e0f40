/*
 * shape_make - what a view looks like, as an IMAP server would say it
 * (RFC 9051 7.5.2). Pure.
 */
#ifndef LETTERLOCK_SHAPE_MAKE_H
#define LETTERLOCK_SHAPE_MAKE_H

#include <letterlock/buf.h>
#include <letterlock/shape.h>

/*
 * Makes the shape of `view`. Its spans borrow from `text` (made with limit
 * SHAPE_MAX, empty) and from `view`; its parts are the caller's. Never fails:
 * what passes a limit gets the shape of a message of one text part and an empty
 * envelope, so that all answers about it agree. It always has a wire form.
 */
void shape_make(struct span view, struct shape *shape, struct buf *text);

#endif
