/* Tokens cover the text without gaps, and what is put reads back. */
#include <stdlib.h>

#include "proxy/engine/imap_set.h"
#include "proxy/engine/imap_token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const struct imap_token *token)
{
	char *value = imap_token_string(token), *again;
	struct span rest;
	struct buf out;

	if (!value)
		return;
	buf_init(&out, 1024 * 1024);
	if (imap_token_put(&out, span_str(value)) < 0)
		abort();
	rest = buf_span(&out);
	again = imap_token_astring(&rest);
	if (!again || strcmp(again, value) != 0 || rest.len)
		abort();
	free(again);
	free(value);
	buf_free(&out);
}

static void check_set(struct span text)
{
	struct imap_set set, again;
	struct buf out;

	if (imap_set_read(&set, text, 0) < 0)
		return;
	buf_init(&out, 4 * 1024 * 1024);
	if (imap_set_put(&set, &out) < 0 ||
	    imap_set_read(&again, buf_span(&out), 0) < 0 || again.n != set.n ||
	    imap_set_count(&again) != imap_set_count(&set))
		abort();
	imap_set_free(&again);
	imap_set_free(&set);
	buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = span_of((const char *)data, size), rest = text;
	struct imap_token token;
	const char *at = rest.at;

	(void)imap_token_well_formed(text);
	check_set(text);
	for (;;) {
		enum imap_token_kind kind = imap_token_next(&rest, &token);

		if (kind == IMAP_TOKEN_END || kind == IMAP_TOKEN_BAD)
			return 0;
		if (token.raw.at != at + token.spaced || !token.raw.len)
			abort();
		at = token.raw.at + token.raw.len;
		check_value(&token);
	}
}
