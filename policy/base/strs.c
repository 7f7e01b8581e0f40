#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/strs.h>

/* Without a field for the capacity: it is the next power of two. */
static void make_room(struct strs *list)
{
	if ((list->n & (list->n - 1)) == 0)
		list->at = mem_grow(list->at, list->n ? list->n * 2 : 1,
				    sizeof(*list->at));
}

void strs_add(struct strs *list, struct span text)
{
	char *copy = span_dup(text);

	make_room(list);
	list->at[list->n++] = copy;
}

void strs_add_all(struct strs *list, const struct strs *from)
{
	for (size_t i = 0; i < from->n; i++)
		strs_add(list, span_str(from->at[i]));
}

bool strs_has_nocase(const struct strs *list, struct span text)
{
	for (size_t i = 0; i < list->n; i++)
		if (span_is_nocase(text, list->at[i]))
			return true;
	return false;
}

void strs_free(struct strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct strs){ 0 };
}
