#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/strs.h>

void strs_add(struct strs *list, struct span text)
{
	char *copy = span_dup(text);

	list->at = mem_one_more(list->at, list->n, sizeof(*list->at));
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
