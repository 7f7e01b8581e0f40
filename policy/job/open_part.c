#include "policy/job/open_part.h"

#include <stdio.h>
#include <string.h>

#include "policy/job/decode.h"

bool open_part_unencoded(const struct entity *part)
{
	return part->encoding == ENTITY_SEVEN_BIT || part->encoding == ENTITY_EIGHT_BIT ||
	       part->encoding == ENTITY_BINARY;
}

/* What is decoded is never longer than what encodes it. */
static struct span decoded(const struct entity *part, struct buf *room, bool *exact)
{
	*exact = true;
	if (open_part_unencoded(part) || part->encoding == ENTITY_OTHER) {
		*exact = part->encoding != ENTITY_OTHER;
		return part->body;
	}
	buf_clear(room);
	if (part->encoding == ENTITY_BASE64)
		decode_base64(part->body, decode_into_buf, room, exact);
	else
		decode_quoted(part->body, decode_into_buf, room, exact);
	return buf_span(room);
}

bool open_part_octets(const struct entity *part, struct buf *room, struct span *octets)
{
	bool exact;

	*octets = decoded(part, room, &exact);
	return exact;
}

static bool has_line(struct span body, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = body.at, *end = body.at + body.len; at < end;) {
		const char *hit = memmem(at, (size_t)(end - at), line, len);

		if (!hit)
			return false;
		if (hit == body.at || hit[-1] == '\n')
			return true;
		at = hit + len;
	}
	return false;
}

static bool inline_text(const struct entity *part)
{
	struct span text;
	struct buf room;
	bool found, exact;

	if (strncmp(entity_type(part), "text/", 5) != 0 &&
	    !content_type_is(&part->type, "application/pgp"))
		return false;
	buf_init(&room, part->body.len + 1);
	text = decoded(part, &room, &exact);
	found = has_line(text, "-----BEGIN PGP MESSAGE-----") ||
		has_line(text, "-----BEGIN PGP SIGNED MESSAGE-----");
	buf_wipe(&room);
	return found;
}

bool open_part_inline(const struct entity_tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		if (inline_text(&tree->at[i]))
			return true;
	return false;
}

bool open_part_delimited(const struct entity *multipart, size_t n)
{
	const char *boundary = content_type_param(&multipart->type, "boundary");
	struct span rest = multipart->body;
	char mark[ENTITY_BOUNDARY_MAX + 3];
	int len = boundary ? snprintf(mark, sizeof(mark), "--%s", boundary) : -1;
	size_t found = 0;

	if (len < 0 || len >= (int)sizeof(mark))
		return false;
	for (const char *hit; (hit = memmem(rest.at, rest.len, mark, (size_t)len));) {
		found += hit == multipart->body.at || hit[-1] == '\n' || hit[-1] == '\r';
		rest = span_skip(rest, (size_t)(hit - rest.at) + 1);
	}
	return found == n;
}
