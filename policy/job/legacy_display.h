/*
 * legacy_display - what a sender repeats of the protected header in the text, for
 * readers that know no header protection (RFC 9788 4.5.3): a reader who is shown
 * that header must not see it twice. Blocking only in that it writes to memory.
 */
#ifndef LETTERLOCK_LEGACY_DISPLAY_H
#define LETTERLOCK_LEGACY_DISPLAY_H

#include <letterlock/buf.h>
#include <letterlock/span.h>

/*
 * Appends the body of a payload whose header fields are `fields` without the
 * legacy display of its main body parts: of text/plain all up to the first empty
 * line, of text/html the element of class header-protection-legacy-display, where
 * their Content-Type says hp-legacy-display="1". All other bytes stay. 1: something
 * was left out; 0: there was nothing to leave out, and nothing was appended; -1:
 * `out` is full.
 */
int legacy_display_drop(struct span fields, struct span body, struct buf *out);

#endif
