#include "policy/rules/idn.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/buf.h>

enum {
	LABEL_MAX = 63,
	/* RFC 3492 5 */
	BASE = 36, TMIN = 1, TMAX = 26, SKEW = 38, DAMP = 700, INITIAL_BIAS = 72,
	INITIAL_N = 128,
};

struct letters {
	uint32_t at[LABEL_MAX];
	size_t n;
};

static bool insert(struct letters *letters, size_t place, uint32_t letter)
{
	bool surrogate = letter >= 0xd800 && letter <= 0xdfff;

	if (letters->n == LABEL_MAX || letter > 0x10ffff || surrogate)
		return false;
	memmove(&letters->at[place + 1], &letters->at[place],
		(letters->n - place) * sizeof(*letters->at));
	letters->at[place] = letter;
	letters->n++;
	return true;
}

static uint32_t adapt(uint32_t delta, uint32_t n, bool first)
{
	uint32_t k = 0;

	delta = first ? delta / DAMP : delta / 2;
	delta += delta / n;
	while (delta > (BASE - TMIN) * TMAX / 2) {
		delta /= BASE - TMIN;
		k += BASE;
	}
	return k + (BASE - TMIN + 1) * delta / (delta + SKEW);
}

static int digit(char c)
{
	if (c >= 'a' && c <= 'z')
		return c - 'a';
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= '0' && c <= '9')
		return c - '0' + 26;
	return -1;
}

/* One generalised variable-length integer (RFC 3492 3.3), added to `*i`. */
static bool take_integer(struct span *in, uint32_t bias, uint32_t *i)
{
	uint32_t weight = 1;

	for (uint32_t k = BASE;; k += BASE) {
		uint32_t threshold = k <= bias ? TMIN : k >= bias + TMAX ? TMAX : k - bias;
		int value = in->len > 0 ? digit(in->at[0]) : -1;

		if (value < 0 || (uint32_t)value > (UINT32_MAX - *i) / weight)
			return false;
		*in = span_skip(*in, 1);
		*i += (uint32_t)value * weight;
		if ((uint32_t)value < threshold)
			return true;
		if (weight > UINT32_MAX / (BASE - threshold))
			return false;
		weight *= BASE - threshold;
	}
}

/* RFC 3492 6.2: what is behind `xn--`. */
static bool decode(struct span in, struct letters *letters)
{
	uint32_t n = INITIAL_N, i = 0, bias = INITIAL_BIAS;
	size_t basic = in.len;

	letters->n = 0;
	while (basic > 0 && in.at[basic - 1] != '-')
		basic--;
	for (size_t k = 0; k + 1 < basic; k++) {
		unsigned char c = (unsigned char)in.at[k];

		if (c < '!' || c > '~' || !insert(letters, letters->n, c))
			return false;
	}
	in = span_skip(in, basic);
	if (in.len == 0)
		return false;
	while (in.len > 0) {
		uint32_t before = i, count = (uint32_t)letters->n + 1;

		if (!take_integer(&in, bias, &i))
			return false;
		bias = adapt(i - before, count, before == 0);
		if (i / count > 0x10ffff)
			return false;
		n += i / count;
		i %= count;
		if (!insert(letters, i, n))
			return false;
		i++;
	}
	return true;
}

static void put_letter(struct buf *out, uint32_t c)
{
	char bytes[4];
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	static const unsigned char first[] = { 0, 0, 0xc0, 0xe0, 0xf0 };

	for (size_t k = n; k-- > 1; c >>= 6)
		bytes[k] = (char)(0x80 | (c & 0x3f));
	bytes[0] = (char)(first[n] | c);
	buf_put(out, span_of(bytes, n));
}

static bool put_label(struct buf *out, struct span label)
{
	struct letters letters;

	if (label.len > LABEL_MAX || !span_starts_nocase(label, "xn--") ||
	    span_find(label, '*') < label.len || span_find(label, '?') < label.len ||
	    !decode(span_skip(label, strlen("xn--")), &letters)) {
		buf_put(out, label);
		return false;
	}
	for (size_t i = 0; i < letters.n; i++)
		put_letter(out, letters.at[i]);
	return true;
}

char *idn_letters(struct span address)
{
	struct span domain = address, label;
	bool changed = false, first = true;
	struct buf out;
	char *text = NULL;
	size_t at = address.len;

	while (at > 0 && address.at[at - 1] != '@')
		at--;
	domain = span_skip(address, at);
	buf_init(&out, 4 * address.len + 1);
	buf_put(&out, span_of(address.at, at));
	while (span_split(&domain, '.', &label)) {
		if (!first)
			buf_puts(&out, ".");
		first = false;
		changed |= put_label(&out, label);
	}
	if (changed)
		text = buf_take_string(&out);
	buf_free(&out);
	return text;
}
