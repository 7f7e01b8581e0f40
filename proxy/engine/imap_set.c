#include "proxy/engine/imap_set.h"

#include <stdlib.h>

#include <letterlock/mem.h>

void imap_set_free(struct imap_set *set)
{
	free(set->at);
	*set = (struct imap_set){ 0 };
}

/* A number without leading zeros, or `*`. */
static bool read_number(struct span text, uint32_t star, uint32_t *number)
{
	unsigned long long value;

	if (span_is(text, "*")) {
		*number = star ? star : IMAP_SET_STAR;
		return true;
	}
	if (!text.len || text.at[0] == '0' || !span_number(text, &value) ||
	    value >= UINT32_MAX)
		return false;
	*number = (uint32_t)value;
	return true;
}

static bool read_range(struct span text, uint32_t star, struct imap_range *range)
{
	size_t colon = span_find(text, ':');
	uint32_t from, to;

	if (!read_number(span_of(text.at, colon), star, &from))
		return false;
	to = from;
	if (colon < text.len && !read_number(span_skip(text, colon + 1), star, &to))
		return false;
	*range = (struct imap_range){ from < to ? from : to, from < to ? to : from };
	return true;
}

static int by_start(const void *a, const void *b)
{
	const struct imap_range *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* Puts in order and joins what touches. */
static void tidy(struct imap_set *set)
{
	size_t n = 0;

	if (set->n > 1)
		qsort(set->at, set->n, sizeof(*set->at), by_start);
	for (size_t i = 0; i < set->n; i++) {
		if (n && set->at[i].from <= set->at[n - 1].to + 1) {
			if (set->at[i].to > set->at[n - 1].to)
				set->at[n - 1].to = set->at[i].to;
		} else {
			set->at[n++] = set->at[i];
		}
	}
	set->n = n;
}

int imap_set_read(struct imap_set *set, struct span text, uint32_t star)
{
	struct span piece;
	size_t room = 0;

	*set = (struct imap_set){ 0 };
	if (!text.len)
		return -1;
	while (span_split(&text, ',', &piece)) {
		struct imap_range range;

		if (set->n == IMAP_SET_RANGES_MAX ||
		    !read_range(piece, star, &range)) {
			imap_set_free(set);
			return -1;
		}
		if (set->n == room) {
			room = room ? 2 * room : 8;
			set->at = mem_grow(set->at, room, sizeof(*set->at));
		}
		set->at[set->n++] = range;
	}
	tidy(set);
	return 0;
}

/* The first range that ends at or behind `number`. */
static size_t find(const struct imap_set *set, uint32_t number)
{
	size_t low = 0, high = set->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set->at[middle].to < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool imap_set_has(const struct imap_set *set, uint32_t number)
{
	size_t i = find(set, number);

	return i < set->n && set->at[i].from <= number;
}

bool imap_set_meets(const struct imap_set *set, struct imap_range range)
{
	size_t i = find(set, range.from);

	return i < set->n && set->at[i].from <= range.to;
}

bool imap_set_covers(const struct imap_set *set, struct imap_range range)
{
	size_t i = find(set, range.from);

	return i < set->n && set->at[i].from <= range.from &&
	       range.to <= set->at[i].to;
}

static int insert(struct imap_set *set, size_t where, struct imap_range range)
{
	if (set->n == IMAP_SET_RANGES_MAX)
		return -1;
	set->at = mem_one_more(set->at, set->n, sizeof(*set->at));
	memmove(set->at + where + 1, set->at + where,
		(set->n - where) * sizeof(*set->at));
	set->at[where] = range;
	set->n++;
	return 0;
}

static void drop(struct imap_set *set, size_t where)
{
	set->n--;
	memmove(set->at + where, set->at + where + 1,
		(set->n - where) * sizeof(*set->at));
}

int imap_set_add(struct imap_set *set, uint32_t number)
{
	size_t i = find(set, number);
	bool before = i > 0 && set->at[i - 1].to + 1 == number;
	bool behind = i < set->n && set->at[i].from == number + 1;

	if (i < set->n && set->at[i].from <= number)
		return 0;
	if (before && behind) {
		set->at[i - 1].to = set->at[i].to;
		drop(set, i);
		return 0;
	}
	if (before) {
		set->at[i - 1].to = number;
		return 0;
	}
	if (behind) {
		set->at[i].from = number;
		return 0;
	}
	return insert(set, i, (struct imap_range){ number, number });
}

void imap_set_remove(struct imap_set *set, uint32_t number)
{
	size_t i = find(set, number);
	struct imap_range whole;

	if (!imap_set_has(set, number))
		return;
	whole = set->at[i];
	if (whole.from == whole.to) {
		drop(set, i);
	} else if (whole.from == number) {
		set->at[i].from++;
	} else if (whole.to == number) {
		set->at[i].to--;
	} else {
		struct imap_range tail = { number + 1, whole.to };

		/* a full set keeps one number too many rather than losing some */
		if (insert(set, i + 1, tail) == 0)
			set->at[i].to = number - 1;
	}
}

void imap_set_expunge(struct imap_set *set, uint32_t number)
{
	size_t left = 0;

	for (size_t i = 0; i < set->n; i++) {
		struct imap_range range = set->at[i];

		if (range.from == number && range.to == number)
			continue;
		range.from -= range.from > number;
		range.to -= range.to >= number;
		if (left && set->at[left - 1].to + 1 == range.from)
			set->at[left - 1].to = range.to;
		else
			set->at[left++] = range;
	}
	set->n = left;
}

uint64_t imap_set_below(const struct imap_set *set, struct imap_set_walk *walk, uint32_t number)
{
	const struct imap_range *range;

	for (; walk->at < set->n && set->at[walk->at].to < number; walk->at++)
		walk->below += (uint64_t)set->at[walk->at].to - set->at[walk->at].from + 1;
	range = walk->at < set->n ? &set->at[walk->at] : NULL;
	return walk->below + (range && range->from < number ? number - range->from : 0);
}

uint64_t imap_set_count(const struct imap_set *set)
{
	uint64_t count = 0;

	for (size_t i = 0; i < set->n; i++)
		count += (uint64_t)set->at[i].to - set->at[i].from + 1;
	return count;
}

static int put_number(struct buf *out, uint32_t number)
{
	return number == IMAP_SET_STAR ? buf_puts(out, "*") : buf_put_number(out, number);
}

int imap_set_put(const struct imap_set *set, struct buf *out)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct imap_range *range = &set->at[i];

		if ((i && buf_puts(out, ",") < 0) ||
		    put_number(out, range->from) < 0)
			return -1;
		if (range->from != range->to &&
		    (buf_puts(out, ":") < 0 || put_number(out, range->to) < 0))
			return -1;
	}
	return 0;
}
