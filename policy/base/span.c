#include <letterlock/mem.h>
#include <letterlock/span.h>

enum { NUMBER_DIGITS_MAX = 19 };	/* 10^19 - 1 still fits 64 bits */

/* Not tolower(3): a Turkish locale must not change what a keyword is. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

bool span_eq(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

bool span_eq_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.at[i]) != lower(b.at[i]))
			return false;
	return true;
}

struct span span_trim(struct span a)
{
	while (a.len > 0 && blank(a.at[0]))
		a = span_skip(a, 1);
	while (a.len > 0 && blank(a.at[a.len - 1]))
		a.len--;
	return a;
}

size_t span_find(struct span a, char c)
{
	const char *found = a.len ? memchr(a.at, c, a.len) : NULL;

	return found ? (size_t)(found - a.at) : a.len;
}

bool span_split(struct span *rest, char c, struct span *head)
{
	size_t len;

	if (!rest->at)
		return false;
	len = span_find(*rest, c);
	*head = span_of(rest->at, len);
	if (len == rest->len)
		*rest = span_of(NULL, 0);
	else
		*rest = span_skip(*rest, len + 1);
	return true;
}

char *span_dup(struct span a)
{
	char *text = mem_new(a.len + 1);

	if (a.len)
		memcpy(text, a.at, a.len);
	return text;
}

bool span_number(struct span a, unsigned long long *number)
{
	unsigned long long sum = 0;

	if (a.len == 0 || a.len > NUMBER_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (a.at[i] < '0' || a.at[i] > '9')
			return false;
		sum = sum * 10 + (unsigned)(a.at[i] - '0');
	}
	*number = sum;
	return true;
}
