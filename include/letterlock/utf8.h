/* utf8 - characters of RFC 3629 in bytes that may be anything. Pure. */
#ifndef LETTERLOCK_UTF8_H
#define LETTERLOCK_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/span.h>

/* The length of the character at the front of `text`, 1 to 4; 0 when there is
 * none or the bytes are not UTF-8 (overlong, surrogate, cut short). */
size_t utf8_char(struct span text);

/* As utf8_char, but 0 for control characters and line separators, too. */
size_t utf8_printable(struct span text);

/* True when all of `text` is UTF-8. */
bool utf8_valid(struct span text);

#endif
