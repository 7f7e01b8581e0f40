#include <letterlock/header.h>
#include <letterlock/mem.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Where the first CRLF of `text` is, from `from` on; text.len without one. */
static size_t line_end(struct span text, size_t from)
{
	while (from < text.len) {
		from += span_find(span_skip(text, from), '\r');
		if (from + 1 < text.len && text.at[from + 1] == '\n')
			return from;
		from++;
	}
	return text.len;
}

/* The length of the name at the front of `line`, 0 when no colon ends one. */
static size_t name_len(struct span line, size_t *colon)
{
	size_t len = 0;

	while (len < line.len && line.at[len] > ' ' && line.at[len] < 0x7f &&
	       line.at[len] != ':')
		len++;
	/* RFC 5322 4.5: blanks before the colon. Clients read such fields. */
	for (*colon = len; *colon < line.len && blank(line.at[*colon]); (*colon)++)
		continue;
	return *colon < line.len && line.at[*colon] == ':' ? len : 0;
}

int header_next(struct span *block, struct header_field *field)
{
	size_t end = line_end(*block, 0), colon, name, next;

	if (block->len == 0 || (end == 0 && block->len >= 2))
		return 0;
	name = name_len(span_of(block->at, end), &colon);
	if (name == 0)
		return -1;
	for (;;) {
		next = end < block->len ? end + 2 : end;
		if (next >= block->len || !blank(block->at[next]))
			break;
		end = line_end(*block, next);
	}
	field->name = span_of(block->at, name);
	field->body = span_of(block->at + colon + 1, end - colon - 1);
	field->raw = span_of(block->at, next);
	*block = span_skip(*block, next);
	return 1;
}

int header_end(struct span message, size_t *fields_end, size_t *body)
{
	bool cut = message.len > HEADER_BLOCK_MAX;
	struct span rest = span_of(message.at, cut ? HEADER_BLOCK_MAX : message.len);
	size_t len = rest.len, fields = 0, end;
	struct header_field field;
	int got;

	while ((got = header_next(&rest, &field)) == 1)
		if (++fields > HEADER_FIELDS_MAX)
			return -1;
	end = len - rest.len;
	/* In what was cut off the line may go on, and be a field after all. */
	if (cut && line_end(rest, 0) == rest.len)
		return -1;
	if (fields_end)
		*fields_end = end;
	*body = got == 0 && rest.len ? end + 2 : end;
	return 0;
}

size_t header_find(struct span block, const char *name, struct header_field *field)
{
	struct header_field next;
	size_t n = 0;

	while (header_next(&block, &next) == 1)
		if (span_is_nocase(next.name, name) && n++ == 0 && field)
			*field = next;
	return n;
}

char *header_unfold(struct span body)
{
	char *text = mem_new(body.len + 1);
	size_t n = 0;
	struct span trimmed;

	for (size_t i = 0; i < body.len; i++) {
		bool end = body.at[i] == '\r' && i + 1 < body.len && body.at[i + 1] == '\n';

		if (end && (i + 2 == body.len || blank(body.at[i + 2])))
			i++;
		else	/* a NUL would hide from C strings what a client shows */
			text[n++] = body.at[i] ? body.at[i] : ' ';
	}
	trimmed = span_trim(span_of(text, n));
	memmove(text, trimmed.at, trimmed.len);
	text[trimmed.len] = '\0';
	return text;
}

bool header_structural(struct span name)
{
	return span_starts_nocase(name, "Content-") || span_is_nocase(name, "MIME-Version");
}
