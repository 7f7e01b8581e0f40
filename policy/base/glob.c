#include <stdint.h>
#include <stdlib.h>

#include <letterlock/glob.h>
#include <letterlock/mem.h>
#include <letterlock/utf8.h>

/* Whole characters: a `*` that ended inside one would let `?` match its rest. */
static size_t char_len(struct span value, size_t at)
{
	size_t len = utf8_char(span_skip(value, at));

	return len ? len : 1;
}

static bool same_letter(char a, char b)
{
	return span_eq_nocase(span_of(&a, 1), span_of(&b, 1));
}

/*
 * Matches with one point of return, the last `*` seen, which is enough since
 * an earlier one could take nothing that the last one could not. In `spelt`
 * (value.len flags, or NULL) the bytes that a literal matched are marked.
 */
static bool match(struct span pattern, struct span value, bool *spelt)
{
	size_t p = 0, v = 0, star = SIZE_MAX, star_end = 0;

	while (v < value.len) {
		if (p < pattern.len && pattern.at[p] == '*') {
			star = ++p;
			star_end = v;
		} else if (p < pattern.len && pattern.at[p] == '?') {
			v += char_len(value, v);
			p++;
		} else if (p < pattern.len && same_letter(pattern.at[p], value.at[v])) {
			if (spelt)
				spelt[v] = true;
			v++;
			p++;
		} else if (star != SIZE_MAX) {
			if (spelt && v > star_end)
				memset(spelt + star_end, 0, v - star_end);
			star_end += char_len(value, star_end);
			v = star_end;
			p = star;
		} else {
			return false;
		}
	}
	while (p < pattern.len && pattern.at[p] == '*')
		p++;
	return p == pattern.len;
}

bool glob_match(struct span pattern, struct span value)
{
	return match(pattern, value, NULL);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Copies `value` without what was spelt out. The blanks around such a stretch
 * go, too; between two words that stay, one space stands for them. */
static char *without(struct span value, const bool *spelt)
{
	char *out = mem_new(value.len + 1);
	size_t n = 0, i = 0;

	while (i < value.len) {
		bool removed = false, gap = false;
		size_t from = i;

		for (; i < value.len && (spelt[i] || blank(value.at[i])); i++) {
			removed |= spelt[i];
			gap |= blank(value.at[i]);
		}
		if (!removed && i > from) {
			memcpy(out + n, value.at + from, i - from);
			n += i - from;
		} else if (gap && n > 0 && i < value.len) {
			out[n++] = ' ';
		}
		if (i < value.len)
			out[n++] = value.at[i++];
	}
	out[n] = '\0';
	return out;
}

char *glob_strip(struct span pattern, struct span value)
{
	bool *spelt = mem_new(value.len + 1);
	char *out;

	if (match(pattern, value, spelt))
		out = without(value, spelt);
	else
		out = span_dup(value);
	free(spelt);
	return out;
}
