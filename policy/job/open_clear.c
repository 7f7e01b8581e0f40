#include "policy/job/open_clear.h"

#include <letterlock/claim.h>

#include "policy/job/open_fields.h"

/* The next line before the first empty one, with its end; false: there is none. */
static bool next_line(struct span *rest, struct span *line, size_t *text)
{
	size_t len = 0;

	while (len < rest->len && rest->at[len] != '\r' && rest->at[len] != '\n')
		len++;
	if (len == 0)
		return false;
	*text = len;
	if (len + 1 < rest->len && rest->at[len] == '\r' && rest->at[len + 1] == '\n')
		len++;
	*line = span_of(rest->at, len < rest->len ? len + 1 : len);
	*rest = span_skip(*rest, line->len);
	return true;
}

static bool forged(struct span line, size_t text, const char *hostname)
{
	size_t colon = span_find(span_of(line.at, text), ':');

	return open_fields_forged(span_trim(span_of(line.at, colon)),
				  span_skip(span_of(line.at, text), colon + 1), hostname);
}

bool open_clear_bears_verdict(struct span message, const char *hostname)
{
	return claim_borne(message, hostname);
}

int open_clear_put(struct span message, const char *hostname, struct buf *out)
{
	struct span line;
	size_t text;

	while (next_line(&message, &line, &text))
		if (!forged(line, text, hostname) && buf_put(out, line) < 0)
			return -1;
	return buf_put(out, message);
}
