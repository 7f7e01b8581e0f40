/*
 * match_list - "is this value one of these globs?", for lists of any length:
 * globs without wildcards and `*@domain` are looked up, only the others are
 * tried one by one. Case is ignored as glob_match does.
 */
#ifndef LETTERLOCK_MATCH_LIST_H
#define LETTERLOCK_MATCH_LIST_H

#include <stdbool.h>

#include <letterlock/span.h>
#include <letterlock/strs.h>

/* Zeroed is an empty list, which nothing matches. */
struct match_list {
	struct strs exact;	/* lower case, sorted by match_list_seal */
	struct strs domains;	/* of `*@domain`, the same */
	struct strs globs;	/* all others, as written */
	bool given;		/* the key was written, if only with an empty file */
};

void match_list_add(struct match_list *list, struct span glob);

/* Sorts; to be called after the last add and before the first look. */
void match_list_seal(struct match_list *list);

bool match_list_has(const struct match_list *list, struct span value);

void match_list_free(struct match_list *list);

#endif
