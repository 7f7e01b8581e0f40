/* charset - the names of charsets in mail, and what iconv(3) calls them. */
#ifndef LETTERLOCK_CHARSET_H
#define LETTERLOCK_CHARSET_H

#include <stdbool.h>

#include <letterlock/span.h>

enum { CHARSET_NAME_SIZE = 40 };

/*
 * What iconv_open(3) should be asked for: the superset that senders mean and
 * clients read, or the name itself, in `known`. NULL when `name` is none that
 * may be given to it, whose names can have suffixes and, in some systems, be
 * paths.
 */
const char *charset_find(struct span name, char known[CHARSET_NAME_SIZE]);

/*
 * True when ASCII text in `charset` (as iconv(3) knows it) is itself. Where it
 * is not (UTF-16, EBCDIC, national ISO 646), a client that does not know the
 * charset shows its reader another text than the one that it stands for.
 */
bool charset_keeps_ascii(const char *charset);

#endif
