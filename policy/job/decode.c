#include "policy/job/decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <strings.h>

#include <letterlock/charset.h>
#include <letterlock/utf8.h>

enum { RUN = 4096 };

/* Decoded octets on their way to the sink. */
struct run {
	decode_sink sink;
	void *to;
	bool ended;
	size_t n;
	char at[RUN];
};

static void run_end(struct run *run)
{
	if (run->n > 0 && !run->ended)
		run->ended = !run->sink(run->to, span_of(run->at, run->n));
	run->n = 0;
}

static void run_put(struct run *run, char c)
{
	if (run->n == RUN)
		run_end(run);
	run->at[run->n++] = c;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The octets of a group that ended early; a lone digit is none. */
static void end_group(struct run *run, uint32_t *bits, unsigned *digits)
{
	if (*digits >= 2)
		run_put(run, (char)(*bits >> (*digits * 6 - 8) & 255));
	if (*digits == 3)
		run_put(run, (char)(*bits >> 2 & 255));
	*bits = 0;
	*digits = 0;
}

void decode_base64(struct span text, decode_sink sink, void *to, bool *exact)
{
	struct run run = { .sink = sink, .to = to };
	uint32_t bits = 0;
	unsigned digits = 0, padding = 0;

	for (size_t i = 0; i < text.len && !run.ended; i++) {
		int digit = base64_digit(text.at[i]);

		if (blank(text.at[i]))
			continue;
		if (text.at[i] == '=') {
			/* "xx==" and "xxx=": as much as the group lacks */
			*exact &= padding > 0 ? padding < 2 : digits >= 2;
			padding = padding > 0 ? padding + 1 : digits == 3 ? 2 : 1;
			end_group(&run, &bits, &digits);
			continue;
		}
		if (digit < 0 || padding > 0)
			*exact = false;
		if (digit < 0)
			continue;
		padding = 0;
		bits = bits << 6 | (uint32_t)digit;
		if (++digits < 4)
			continue;
		run_put(&run, (char)(bits >> 16 & 255));
		run_put(&run, (char)(bits >> 8 & 255));
		run_put(&run, (char)(bits & 255));
		bits = 0;
		digits = 0;
	}
	*exact &= digits == 0 && padding != 1;
	end_group(&run, &bits, &digits);
	run_end(&run);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The length of the blanks at the front; `tail`: the line or all ends there. */
static size_t blanks_len(struct span text, bool *tail)
{
	size_t n = 0;

	while (n < text.len && (text.at[n] == ' ' || text.at[n] == '\t'))
		n++;
	*tail = n == text.len || text.at[n] == '\r' || text.at[n] == '\n';
	return n;
}

static size_t line_end(struct span text)
{
	if (text.len >= 2 && text.at[0] == '\r' && text.at[1] == '\n')
		return 2;
	return text.len >= 1 && text.at[0] == '\n' ? 1 : 0;
}

/* What begins with `=`: how much was taken. */
static size_t quoted(struct run *run, struct span text, bool *exact)
{
	int high = text.len > 2 ? hex_digit(text.at[1]) : -1;
	int low = text.len > 2 ? hex_digit(text.at[2]) : -1;
	struct span rest = span_skip(text, 1);
	bool tail;
	size_t skip = blanks_len(rest, &tail), end = line_end(span_skip(rest, skip));

	if (high >= 0 && low >= 0) {
		run_put(run, (char)(high * 16 + low));
		return 3;
	}
	if (end > 0 || skip == rest.len)
		return 1 + skip + end;	/* a soft line break */
	*exact = false;
	run_put(run, '=');
	return 1;
}

/* Blanks, which count inside a line only (RFC 2045 6.7 (3)). */
static size_t blanks(struct run *run, struct span text)
{
	bool tail;
	size_t n = blanks_len(text, &tail);

	for (size_t i = 0; i < n && !tail; i++)
		run_put(run, text.at[i]);
	return n;
}

void decode_quoted(struct span text, decode_sink sink, void *to, bool *exact)
{
	struct run run = { .sink = sink, .to = to };

	while (text.len > 0 && !run.ended) {
		char c = text.at[0];
		size_t n = 1;

		if (c == '=')
			n = quoted(&run, text, exact);
		else if (c == ' ' || c == '\t')
			n = blanks(&run, text);
		else
			run_put(&run, c);
		text = span_skip(text, n);
	}
	run_end(&run);
}

bool decode_into_buf(void *buf, struct span bytes)
{
	return buf_put(buf, bytes) == 0;
}

static int put_utf8(struct span bytes, struct buf *out, bool *exact)
{
	while (bytes.len > 0) {
		size_t n = utf8_char(bytes);
		struct span c = span_of(bytes.at, n);

		if (n == 0) {
			*exact = false;
			c = span_str("\xef\xbf\xbd");
		} else if (*bytes.at == '\0') {
			c = span_str(" ");
		}
		if (buf_put(out, c) < 0)
			return -1;
		bytes = span_skip(bytes, n ? n : 1);
	}
	return 0;
}

static bool is_utf8(const char *charset)
{
	return !strcasecmp(charset, "utf-8") || !strcasecmp(charset, "utf8") ||
	       !strcasecmp(charset, "us-ascii") || !strcasecmp(charset, "ascii");
}

static int convert(iconv_t how, struct span bytes, struct buf *out, bool *exact)
{
	char *in = (char *)bytes.at, piece[RUN];
	size_t left = bytes.len, room;

	while (left > 0) {
		char *to = piece;
		size_t got;

		room = sizeof(piece);
		got = iconv(how, &in, &left, &to, &room);
		if (put_utf8(span_of(piece, sizeof(piece) - room), out, exact) < 0)
			return -1;
		if (got != (size_t)-1 || errno == E2BIG)
			continue;
		*exact = false;		/* EILSEQ, EINVAL: not in this charset */
		if (buf_puts(out, "\xef\xbf\xbd") < 0)
			return -1;
		in++;
		left--;
	}
	return 0;
}

int decode_charset(struct span bytes, const char *charset, struct buf *out, bool *exact)
{
	char name[CHARSET_NAME_SIZE];
	const char *known;
	iconv_t how;
	int result;

	if (!charset || is_utf8(charset)) {
		if (utf8_valid(bytes))
			return put_utf8(bytes, out, exact);
		*exact = false;
		charset = charset && !strncasecmp(charset, "utf", 3) ? "UTF-8" : "CP1252";
	}
	known = charset_find(span_str(charset), name);
	how = known ? iconv_open("UTF-8", known) : (iconv_t)-1;
	if (how == (iconv_t)-1) {
		*exact = false;
		how = iconv_open("UTF-8", "ISO-8859-1");
	} else {
		*exact &= charset_keeps_ascii(known);
	}
	if (how == (iconv_t)-1)
		return put_utf8(bytes, out, exact);
	result = convert(how, bytes, out, exact);
	(void)iconv_close(how);
	return result;
}
