#include "policy/rules/match_list.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/glob.h>

static bool has_wildcard(struct span glob)
{
	return span_find(glob, '*') < glob.len || span_find(glob, '?') < glob.len;
}

static void lower(char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text += 'a' - 'A';
}

static void add_lower(struct strs *list, struct span text)
{
	strs_add(list, text);
	lower(list->at[list->n - 1]);
}

void match_list_add(struct match_list *list, struct span glob)
{
	struct span domain = span_skip(glob, 2);

	list->given = true;
	if (!has_wildcard(glob))
		add_lower(&list->exact, glob);
	else if (glob.len > 2 && memcmp(glob.at, "*@", 2) == 0 &&
		 !has_wildcard(domain) && span_find(domain, '@') == domain.len)
		add_lower(&list->domains, domain);
	else
		strs_add(&list->globs, glob);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct strs *list)
{
	if (list->n > 1)
		qsort(list->at, list->n, sizeof(*list->at), compare);
}

void match_list_seal(struct match_list *list)
{
	sort(&list->exact);
	sort(&list->domains);
}

static bool sorted_has(const struct strs *list, const char *text)
{
	return list->n > 0 && bsearch(&text, list->at, list->n,
				      sizeof(*list->at), compare);
}

bool match_list_has(const struct match_list *list, struct span value)
{
	char *text = span_dup(value);
	const char *at;
	bool found;

	lower(text);
	at = strrchr(text, '@');
	found = sorted_has(&list->exact, text) ||
		(at && sorted_has(&list->domains, at + 1));
	free(text);
	for (size_t i = 0; i < list->globs.n && !found; i++)
		found = glob_match(span_str(list->globs.at[i]), value);
	return found;
}

void match_list_free(struct match_list *list)
{
	strs_free(&list->exact);
	strs_free(&list->domains);
	strs_free(&list->globs);
	*list = (struct match_list){ 0 };
}
