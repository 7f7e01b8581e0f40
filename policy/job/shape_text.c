#include "policy/job/shape_text.h"

#include <stdlib.h>

#include <letterlock/header.h>

enum { QUOTED_MAX = 2000 };

/* What is not in a line of text. */
static bool dropped(char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

static bool quotable(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.at[i];

		if (!dropped((char)c) && (c < ' ' || c > '~'))
			return false;
	}
	return text.len <= QUOTED_MAX;
}

static void put_one(char c, bool quoted, struct buf *out)
{
	if (dropped(c))
		return;
	if (quoted && (c == '"' || c == '\\'))
		(void)buf_puts(out, "\\");
	(void)buf_put(out, span_of(&c, 1));
}

void shape_text_put(struct span text, struct buf *out)
{
	bool quoted = quotable(text);
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += !dropped(text.at[i]);
	if (quoted)
		(void)buf_puts(out, "\"");
	else
		(void)buf_printf(out, "{%zu}\r\n", n);
	for (size_t i = 0; i < text.len; i++)
		put_one(text.at[i], quoted, out);
	if (quoted)
		(void)buf_puts(out, "\"");
}

void shape_text_field(const struct header_field *field, struct buf *out)
{
	char *text;

	if (!field) {
		(void)buf_puts(out, "NIL");
		return;
	}
	text = header_unfold(field->body);
	shape_text_put(span_str(text), out);
	free(text);
}

bool shape_text_full(const struct buf *out)
{
	return buf_room(out) < QUOTED_MAX * 4;
}
