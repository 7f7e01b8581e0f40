#include "policy/job/decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <strings.h>

#include <letterlock/charset.h>
#include <letterlock/transfer.h>
#include <letterlock/utf8.h>

enum { RUN = 4096 };

static void decode(enum transfer_encoding encoding, struct span text, decode_sink sink,
		   void *to, bool *exact)
{
	struct transfer transfer;
	char piece[RUN];
	bool more = true;

	transfer_begin(&transfer, encoding, text);
	while (more && !transfer.ended) {
		size_t n = transfer_next(&transfer, piece, sizeof(piece));

		more = n == 0 || sink(to, span_of(piece, n));
	}
	*exact &= transfer.exact;
}

void decode_base64(struct span text, decode_sink sink, void *to, bool *exact)
{
	decode(TRANSFER_BASE64, text, sink, to, exact);
}

void decode_quoted(struct span text, decode_sink sink, void *to, bool *exact)
{
	decode(TRANSFER_QUOTED_PRINTABLE, text, sink, to, exact);
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
