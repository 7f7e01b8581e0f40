/*
 * name_index - finds by name where something stands in a list, however long
 * the list is. Names come from a file of the administrator's own: nobody else
 * chooses them. Pure.
 */
#ifndef LETTERLOCK_NAME_INDEX_H
#define LETTERLOCK_NAME_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include <letterlock/span.h>

struct name_slot {
	const char *name;
	size_t value;
};

/* Zeroed, it is empty. */
struct name_index {
	bool nocase;		/* ASCII case is ignored; set before the first name */
	struct name_slot *slots;
	size_t room, n;
};

/* Adds `name`, which the caller keeps alive, unless it is there already.
 * The value that the index then has for it: that of the first. */
size_t name_index_add(struct name_index *index, const char *name, size_t value);

/* False: no such name. */
bool name_index_find(const struct name_index *index, struct span name, size_t *value);

void name_index_free(struct name_index *index);

#endif
