/* The first octet chooses what the rest is read as. Output is bounded by input,
 * and text comes out as UTF-8. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/utf8.h>

#include "policy/job/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const charsets[] = {
	NULL, "utf-8", "iso-8859-1", "utf-7", "iso-2022-jp", "utf-16", "no-such", "big5",
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text;
	struct buf out, utf8;
	bool exact = true;

	if (size == 0)
		return 0;
	text = span_of((const char *)data + 1, size - 1);
	buf_init(&out, size);
	buf_init(&utf8, 16 * size + 64);
	if (data[0] & 1)
		decode_base64(text, decode_into_buf, &out, &exact);
	else
		decode_quoted(text, decode_into_buf, &out, &exact);
	if (out.len > text.len)
		abort();
	if (decode_charset(buf_span(&out), charsets[data[0] >> 1 & 7], &utf8, &exact) == 0 &&
	    (!utf8_valid(buf_span(&utf8)) || memchr(buf_span(&utf8).at, '\0', utf8.len)))
		abort();
	buf_free(&out);
	buf_free(&utf8);
	return 0;
}
