/*
 * shown_text - a text as its reader is shown it: of HTML without tags and with
 * character references read, of format=flowed (RFC 3676) with the lines put
 * together that belong together, and without characters that show nothing. It is
 * for patterns, not for people: what a browser hides, it does not. Pure.
 */
#ifndef LETTERLOCK_SHOWN_TEXT_H
#define LETTERLOCK_SHOWN_TEXT_H

#include <stdbool.h>

#include <letterlock/buf.h>

enum shown_text_kind { SHOWN_PLAIN, SHOWN_FLOWED, SHOWN_FLOWED_DELSP, SHOWN_HTML };

/* Appends what is shown of `text` (UTF-8), never more octets than it has. -1
 * when `out` is full. */
int shown_text_put(struct span text, enum shown_text_kind kind, struct buf *out);

#endif
