/*
 * span - a borrowed run of bytes: never NUL-ended, never owned. Comparisons
 * that ignore case do so for ASCII only, whatever the locale.
 */
#ifndef LETTERLOCK_SPAN_H
#define LETTERLOCK_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
	const char *at;
	size_t len;
};

static inline struct span span_of(const char *at, size_t len)
{
	return (struct span){ at, len };
}

/* The bytes of a C string; NULL counts as empty. */
static inline struct span span_str(const char *text)
{
	return (struct span){ text ? text : "", text ? strlen(text) : 0 };
}

/* The same bytes; _nocase takes A-Z for a-z. */
bool span_eq(struct span a, struct span b);
bool span_eq_nocase(struct span a, struct span b);

/* Compares with a C string: the common case of keywords. In the header, so that
 * the lengths of those are counted by the compiler. */
static inline bool span_is(struct span a, const char *text)
{
	return span_eq(a, span_str(text));
}

static inline bool span_is_nocase(struct span a, const char *text)
{
	return span_eq_nocase(a, span_str(text));
}

static inline bool span_starts_nocase(struct span a, const char *prefix)
{
	struct span start = span_str(prefix);

	return a.len >= start.len && span_eq_nocase(span_of(a.at, start.len), start);
}

/* `a` without its first `n` bytes (empty when there are fewer). */
static inline struct span span_skip(struct span a, size_t n)
{
	if (n == 0)
		return a;	/* `a.at` may be NULL, which takes no arithmetic */
	if (n > a.len)
		n = a.len;
	return span_of(n ? a.at + n : a.at, a.len - n);
}

/* `a` without spaces and tabs at both ends. */
struct span span_trim(struct span a);

/* Where `c` first stands in `a`, or a.len. */
size_t span_find(struct span a, char c);

/*
 * Takes what stands before the first `c` off `rest` (and `c` itself) into
 * `head`. Without a `c` the whole rest is taken. False when `rest` was
 * already used up (at == NULL); after the last piece `rest->at` is NULL.
 */
bool span_split(struct span *rest, char c, struct span *head);

/* A NUL-ended copy on the heap; the caller frees it. NULs inside are kept. */
char *span_dup(struct span a);

/*
 * Reads all of `a` as a decimal number of at most 19 digits, without sign.
 * False when it is anything else.
 */
bool span_number(struct span a, unsigned long long *number);

#endif
