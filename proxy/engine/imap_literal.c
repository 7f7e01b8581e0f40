#include "proxy/engine/imap_literal.h"

#include "proxy/engine/imap_token.h"

bool imap_literal_first(struct span text, size_t *len, uint64_t *size)
{
	bool waits, binary;

	*len = span_find(text, '\r');
	return *len < text.len &&
	       imap_token_announced(span_of(text.at, *len), size, &waits, &binary) &&
	       !binary;
}

bool imap_literal_sayable(struct span text)
{
	uint64_t size;
	size_t len;

	while (imap_literal_first(text, &len, &size)) {
		text = span_skip(text, len);
		if (text.len < 2 + size || text.at[1] != '\n')
			return false;
		text = span_skip(text, 2 + size);
	}
	return span_find(text, '\r') == text.len &&
	       span_find(text, '\n') == text.len && span_find(text, '\0') == text.len;
}

void imap_literal_put(struct buf *out, struct span line, uint64_t size, bool plus)
{
	while (line.at[line.len - 1] != '{')
		line.len--;
	(void)buf_put(out, line);
	(void)buf_printf(out, "%llu%s}\r\n", (unsigned long long)size,
			 plus ? "+" : "");
}
