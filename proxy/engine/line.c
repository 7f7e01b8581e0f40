#include "proxy/engine/line.h"

static enum line_result bad(struct err *err, const char *what, size_t at)
{
	err_set(err, ERR_PEER, "%s at octet %zu of a line", what, at);
	return LINE_BAD;
}

enum line_result line_take(struct buf *in, size_t max, struct span *line,
			   struct err *err)
{
	struct span seen = buf_span(in);

	for (size_t i = 0; i < seen.len; i++) {
		char c = seen.at[i];

		if (c == '\r' && i + 1 == seen.len)
			return LINE_MORE;	/* its LF may come with the next read */
		if (c == '\r' && seen.at[i + 1] == '\n') {
			*line = span_of(seen.at, i);
			buf_drop(in, i + 2);
			return LINE_TAKEN;
		}
		if (i >= max) {
			err_set(err, ERR_PEER, "a line of more than %zu octets",
				max);
			return LINE_LONG;
		}
		if (c == '\r')
			return bad(err, "bare CR", i);
		if (c == '\n')
			return bad(err, "bare LF", i);
		if (c == '\0')
			return bad(err, "NUL", i);
	}
	return LINE_MORE;
}

enum line_result line_drop(struct buf *in, size_t *dropped)
{
	struct span seen = buf_span(in);
	size_t at = 0;

	while (at + 1 < seen.len) {
		const char *cr = memchr(seen.at + at, '\r', seen.len - at - 1);

		if (!cr)
			break;
		at = (size_t)(cr - seen.at) + 1;
		if (cr[1] == '\n') {
			*dropped += at + 1;
			buf_drop(in, at + 1);
			return LINE_TAKEN;
		}
	}
	at = seen.len;
	if (at && seen.at[at - 1] == '\r')
		at--;		/* half a CRLF, perhaps */
	*dropped += at;
	buf_drop(in, at);
	return LINE_MORE;
}
