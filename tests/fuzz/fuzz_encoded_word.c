/* Whatever the bytes, the text is UTF-8 without control characters; and what
 * we encode reads as it did before. */
#include <stdint.h>
#include <stdlib.h>

#include <letterlock/encoded_word.h>
#include <letterlock/utf8.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
	for (struct span rest = span_str(text); rest.len;) {
		size_t len = utf8_printable(rest);

		if (len == 0)
			abort();
		rest = span_skip(rest, len);
	}
}

static bool has_word(struct span text)
{
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.at[i] == '=' && text.at[i + 1] == '?')
			return true;
	return false;
}

/* True when each line end is a fold, as in every field that header_next cuts. */
static bool folded(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] == '\r' && i + 2 < text.len && text.at[i + 1] == '\n' &&
		    (text.at[i + 2] == ' ' || text.at[i + 2] == '\t'))
			i += 2;
		else if (text.at[i] == '\r' || text.at[i] == '\n')
			return false;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span body = span_of((const char *)data, size);
	char *text = encoded_word_decode(body, NULL);
	char *coded = encoded_word_encode(body);

	check_text(text);
	for (const char *c = coded; *c; c++)
		if (*c & 0x80)
			abort();
	if (utf8_valid(body) && !has_word(body) && folded(body) &&
	    !memchr(data ? (const char *)data : "", '\0', size)) {
		char *after = encoded_word_decode(span_str(coded), NULL);

		if (strcmp(after, text) != 0)
			abort();
		free(after);
	}
	free(text);
	free(coded);
	return 0;
}
