#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/buf.h>
#include <letterlock/charset.h>
#include <letterlock/codec.h>
#include <letterlock/encoded_word.h>
#include <letterlock/header.h>
#include <letterlock/utf8.h>

enum {
	CONVERSIONS_MAX = 1000,	/* each may load a table: no field has more */
	GROWTH_MAX = 6,		/* UTF-8 octets from one, of any charset */
};

/* One `=?charset?encoding?text?=`, borrowed. */
struct word {
	struct span charset;	/* without its RFC 2231 language */
	bool base64;
	struct span text;
	struct span raw;	/* from `=?` to `?=` */
};

/*
 * Adjacent words of one charset, decoded together: a character may begin in
 * one and end in the next.
 */
struct run {
	struct span charset;	/* len 0: no run is open */
	struct span raw;	/* from the first word to the last */
	struct buf bytes;
};

struct decoder {
	struct span rest;	/* of the unfolded field */
	bool ends;		/* there may be another `?=` in it */
	struct run run;
	unsigned conversions;
	struct buf out;
	bool exact;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Appends `text` as clean UTF-8: control characters as blanks, what is no
 * character as U+FFFD. */
static void put_clean(struct decoder *d, struct span text)
{
	while (text.len) {
		size_t len = utf8_char(text);
		struct span c = span_of(text.at, len);

		if (len == 0)
			c = span_str("\xef\xbf\xbd");
		else if (utf8_printable(text) == 0)
			c = span_str(" ");
		d->exact &= len > 0;
		d->exact &= buf_put(&d->out, c) == 0;
		text = span_skip(text, len ? len : 1);
	}
}

/* Converts what one call takes; false when nothing is left to do. */
static bool convert_some(struct decoder *d, iconv_t cd, char **in, size_t *left)
{
	char chunk[512], *out = chunk;
	size_t room = sizeof(chunk), before = *left, got;
	int why;

	got = iconv(cd, *left ? in : NULL, left, &out, &room);
	why = got == (size_t)-1 ? errno : 0;
	put_clean(d, span_of(chunk, sizeof(chunk) - room));
	if (why == 0)
		return before > 0;	/* once more, for what it holds back */
	if (why == E2BIG)
		return *left < before || room < sizeof(chunk);
	put_clean(d, span_str("\xff"));
	if (why != EILSEQ || *left == 0)
		return false;		/* EINVAL: the last character is cut */
	(*in)++;
	(*left)--;
	return true;
}

/* Appends what `run` says. False when its charset is not known. */
static bool convert(struct decoder *d, const struct run *run)
{
	struct span bytes = buf_span(&run->bytes);
	char name[CHARSET_NAME_SIZE], *in = (char *)bytes.at;
	const char *charset = charset_find(run->charset, name);
	size_t left = bytes.len;
	iconv_t cd;

	if (!charset)
		return false;
	if (span_is_nocase(span_str(charset), "UTF-8")) {
		put_clean(d, bytes);
		return true;
	}
	if (d->conversions++ == CONVERSIONS_MAX)
		return false;
	cd = iconv_open("UTF-8", charset);
	if (cd == (iconv_t)-1)
		return false;
	while (convert_some(d, cd, &in, &left))
		continue;
	iconv_close(cd);
	d->exact &= charset_keeps_ascii(charset);
	return true;
}

/* Ends the run that is open. False when it had to stand as it was. */
static bool flush(struct decoder *d)
{
	bool known = true;

	if (d->run.charset.len)
		known = convert(d, &d->run);
	if (!known) {
		put_clean(d, d->run.raw);
		d->exact = false;
	}
	buf_clear(&d->run.bytes);
	d->run.charset = span_of(NULL, 0);
	return known;
}

/* RFC 2047 4.2. A `=` without its digits is shown, as clients do. */
static bool put_q(struct buf *out, struct span text)
{
	bool exact = true;

	while (text.len) {
		int high = text.len > 2 ? codec_hex_digit(text.at[1]) : -1;
		int low = text.len > 2 ? codec_hex_digit(text.at[2]) : -1;
		char c = text.at[0] == '_' ? ' ' : text.at[0];
		bool hex = c == '=' && high >= 0 && low >= 0;

		if (hex)
			c = (char)(high << 4 | low);
		exact &= hex || c != '=';
		exact &= buf_put(out, span_of(&c, 1)) == 0;
		text = span_skip(text, hex ? 3 : 1);
	}
	return exact;
}

/*
 * RFC 2047 4.1, without asking for padding, and reading on behind a `=`: a
 * decoder that stops there sees less than the reader does.
 */
static bool put_b(struct buf *out, struct span text)
{
	unsigned group = 0, bits = 0;
	bool exact = true, padded = false;

	for (size_t i = 0; i < text.len; i++) {
		int value = codec_base64_digit(text.at[i]);
		char c;

		if (text.at[i] == '=') {
			bits = 0;
			padded = true;
		}
		exact &= value < 0 ? text.at[i] == '=' || blank(text.at[i]) : !padded;
		if (value < 0)
			continue;
		group = group << 6 | (unsigned)value;
		bits += 6;
		if (bits < 8)
			continue;
		bits -= 8;
		c = (char)(group >> bits & 255);
		exact &= buf_put(out, span_of(&c, 1)) == 0;
	}
	return exact && bits < 6;	/* 6 bits are left of a single digit */
}

/* Where `?=` is in `text`, or text.len. */
static size_t find_end(struct span text)
{
	size_t at = 0;

	for (;; at++) {
		at += span_find(span_skip(text, at), '?');
		if (at >= text.len || (at + 1 < text.len && text.at[at + 1] == '='))
			return at;
	}
}

/* Reads the word that starts at the front; false when none does. */
static bool word_at(struct decoder *d, struct word *word)
{
	struct span text = d->rest, name;
	size_t len;
	char encoding;

	if (!d->ends || !span_starts_nocase(text, "=?"))
		return false;
	text = span_skip(text, 2);
	name = text;
	if (name.len > 2 * CHARSET_NAME_SIZE)
		name.len = 2 * CHARSET_NAME_SIZE;
	name.len = span_find(name, '?');
	text = span_skip(text, name.len);
	if (name.len == 0 || text.len < 3 || text.at[0] != '?' || text.at[2] != '?')
		return false;
	encoding = text.at[1] & ~0x20;
	if (encoding != 'B' && encoding != 'Q')
		return false;
	text = span_skip(text, 3);
	len = find_end(text);
	if (len == text.len) {
		d->ends = false;	/* so that nobody looks again */
		return false;
	}
	word->charset = span_of(name.at, span_find(name, '*'));
	word->base64 = encoding == 'B';
	word->text = span_of(text.at, len);
	word->raw = span_of(d->rest.at, (size_t)(text.at - d->rest.at) + len + 2);
	return word->charset.len > 0;
}

static bool all_blank(struct span text)
{
	while (text.len && blank(text.at[0]))
		text = span_skip(text, 1);
	return text.len == 0;
}

/* Takes `word`, with `before` between it and the last one. */
static void take_word(struct decoder *d, struct span before, const struct word *word)
{
	struct run *run = &d->run;

	if (!run->charset.len || !all_blank(before)) {
		flush(d);
		put_clean(d, before);
	} else if (!span_eq_nocase(run->charset, word->charset) && !flush(d)) {
		put_clean(d, before);
	}
	if (!run->charset.len) {
		run->charset = word->charset;
		run->raw.at = word->raw.at;
	}
	run->raw.len = (size_t)(word->raw.at - run->raw.at) + word->raw.len;
	d->exact &= (word->base64 ? put_b : put_q)(&run->bytes, word->text);
	d->rest = span_skip(d->rest, word->raw.len);
}

/* How much of `text` comes before the next `=?`. */
static size_t plain_len(struct span text)
{
	size_t at = 0;

	for (;; at++) {
		at += span_find(span_skip(text, at), '=');
		if (at >= text.len || (at + 1 < text.len && text.at[at + 1] == '?'))
			return at;
	}
}

char *encoded_word_decode(struct span body, bool *exact)
{
	char *flat = header_unfold(body);
	struct decoder d = { .rest = span_str(flat), .ends = true, .exact = true };
	struct word word;

	buf_init(&d.out, GROWTH_MAX * body.len + 1);
	buf_init(&d.run.bytes, body.len + 1);
	while (d.rest.len) {
		struct span plain = span_of(d.rest.at, plain_len(d.rest));

		d.rest = span_skip(d.rest, plain.len);
		if (word_at(&d, &word)) {
			take_word(&d, plain, &word);
			continue;
		}
		flush(&d);
		put_clean(&d, plain);
		put_clean(&d, span_of(d.rest.at, d.rest.len ? 1 : 0));
		d.rest = span_skip(d.rest, 1);
	}
	flush(&d);
	if (exact)
		*exact = d.exact;
	buf_free(&d.run.bytes);
	free(flat);
	return buf_take_string(&d.out);
}
