/* strs - a growing list of strings that it owns. */
#ifndef LETTERLOCK_STRS_H
#define LETTERLOCK_STRS_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/span.h>

struct strs {
	char **at;
	size_t n;
};

/* Appends a copy. A zeroed struct is an empty list. */
void strs_add(struct strs *list, struct span text);

/* Appends copies of all of `from`. */
void strs_add_all(struct strs *list, const struct strs *from);

/* True when an element equals `text`, ASCII case ignored. */
bool strs_has_nocase(const struct strs *list, struct span text);

/* Frees the elements; the list is empty and may be used again. */
void strs_free(struct strs *list);

#endif
