/*
 * file_name - the file names that a field's parameters may give a part: plain
 * (RFC 2183), with encoded words in them, and by RFC 2231 in pieces and with a
 * charset, each as some client shows it. Pure.
 */
#ifndef LETTERLOCK_FILE_NAME_H
#define LETTERLOCK_FILE_NAME_H

#include <stdbool.h>

#include <letterlock/strs.h>

struct content_type;

enum { FILE_NAME_MAX = 64 * 1024 };	/* octets of a name in pieces */

/* Adds a name, in UTF-8, to `names` where it is not, and what it is without
 * the blanks and dots at its end, which Windows drops. */
void file_name_add(struct span name, struct strs *names);

/*
 * Adds all that the parameter `base` ("name", "filename") of `type` may say.
 * False when one of its values could not be read.
 */
bool file_name_read(const struct content_type *type, const char *base, struct strs *names);

#endif
