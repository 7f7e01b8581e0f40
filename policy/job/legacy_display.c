#include "policy/job/legacy_display.h"

#include <string.h>
#include <unistd.h>

#include <letterlock/header.h>

#include "policy/job/decode.h"
#include "policy/job/encode.h"
#include "policy/job/entity.h"
#include "policy/job/output.h"

enum { TAG_MAX = 1000 };	/* octets of a tag that are looked at */

static const char class_name[] = "header-protection-legacy-display";

/* --- which parts --- */

static bool attached(const struct entity *part)
{
	struct header_field field;

	return header_find(part->fields, "Content-Disposition", &field) > 0 &&
	       span_starts_nocase(span_trim(field.body), "attachment");
}

static bool marked(const struct entity *part)
{
	const char *value = content_type_param(&part->type, "hp-legacy-display");

	return part->kind == ENTITY_LEAF && value && strcmp(value, "1") == 0 &&
	       (content_type_is(&part->type, "text/plain") ||
		content_type_is(&part->type, "text/html")) && !attached(part);
}

/* Main body parts (RFC 9787 7.1): the root, all of an alternative, the first of any
 * other multipart. */
static bool is_main(const struct entity_tree *tree, size_t which)
{
	size_t i = 0;

	while (i < which) {
		const struct entity *part = &tree->at[i];
		size_t child = i + 1;

		if (part->kind != ENTITY_MULTIPART)
			return false;
		while (content_type_is(&part->type, "multipart/alternative") &&
		       tree->at[child].next <= which)
			child = tree->at[child].next;
		if (tree->at[child].next <= which)
			return false;
		i = child;
	}
	return true;
}

/* --- what is left out --- */

/* Behind the first empty line; 0: there is none. */
static size_t plain_end(struct span text)
{
	size_t at = 0;

	while (at < text.len) {
		size_t len = span_find(span_skip(text, at), '\n');
		bool empty = len == 0 || (len == 1 && text.at[at] == '\r');

		if (at + len >= text.len)
			return 0;
		at += len + 1;
		if (empty)
			return at;
	}
	return 0;
}

static size_t find_nocase(struct span text, size_t from, const char *what)
{
	for (size_t i = from; i < text.len; i++)
		if (span_starts_nocase(span_skip(text, i), what))
			return i;
	return text.len;
}

/* The element that a <div> at `from` begins, with what is inside it. */
static size_t element_end(struct span text, size_t from)
{
	size_t depth = 0;

	for (size_t at = from; at < text.len; at++) {
		struct span rest = span_skip(text, at);

		if (rest.at[0] != '<')
			continue;
		if (span_starts_nocase(rest, "<div"))
			depth++;
		else if (span_starts_nocase(rest, "</div") && --depth == 0)
			return at + span_find(rest, '>') < text.len ? at + span_find(rest, '>') + 1
								    : 0;
	}
	return 0;
}

static bool html_range(struct span text, size_t *from, size_t *to)
{
	for (size_t at = find_nocase(text, 0, "<div"); at < text.len;
	     at = find_nocase(text, at + 4, "<div")) {
		struct span tag = span_skip(text, at);

		if (tag.len > TAG_MAX)
			tag.len = TAG_MAX;
		tag.len = span_find(tag, '>');
		if (!memmem(tag.at, tag.len, class_name, sizeof(class_name) - 1))
			continue;
		*from = at;
		*to = element_end(text, at);
		return *to > 0;
	}
	return false;
}

static bool range_of(const struct entity *part, struct span text, size_t *from, size_t *to)
{
	if (content_type_is(&part->type, "text/html"))
		return html_range(text, from, to);
	*from = 0;
	*to = plain_end(text);
	return *to > 0;
}

/* --- writing --- */

static int put_without(struct span text, size_t from, size_t to, struct buf *out)
{
	return buf_put(out, span_of(text.at, from)) < 0 ? -1 : buf_put(out, span_skip(text, to));
}

static int read_back(int fd, uint64_t size, struct buf *out)
{
	char *room = buf_reserve(out, (size_t)size + 1);

	if (!room || pread(fd, room, (size_t)size, 0) != (ssize_t)size)
		return -1;
	buf_commit(out, (size_t)size);
	return 0;
}

static int encode(const struct entity *part, struct span first, struct span second,
		  struct buf *out)
{
	struct encode encode;
	struct output file;
	int fd = output_memory(NULL), result = -1;

	if (fd < 0)
		return -1;
	output_init(&file, fd, UINT64_MAX);
	encode_init(&encode, part->encoding == ENTITY_QUOTED, &file);
	(void)encode_sink(&encode, first);
	(void)encode_sink(&encode, second);
	encode_end(&encode);
	if (output_flush(&file, NULL) == 0)
		result = read_back(fd, file.written, out);
	close(fd);
	return result;
}

/* One part; 1: without its legacy display, 0: it has none, and nothing was put. */
static int put_part(const struct entity *part, struct buf *out)
{
	bool coded = part->encoding == ENTITY_BASE64 || part->encoding == ENTITY_QUOTED;
	struct span text = part->body;
	struct buf decoded;
	size_t from, to;
	bool exact = true;
	int result = 0;

	buf_init(&decoded, part->body.len + 1);
	if (part->encoding == ENTITY_BASE64)
		decode_base64(part->body, decode_into_buf, &decoded, &exact);
	else if (coded)
		decode_quoted(part->body, decode_into_buf, &decoded, &exact);
	if (coded)
		text = buf_span(&decoded);
	if (part->encoding != ENTITY_OTHER && exact && range_of(part, text, &from, &to)) {
		result = coded ? encode(part, span_of(text.at, from), span_skip(text, to), out)
			       : put_without(text, from, to, out);
		result = result < 0 ? -1 : 1;
	}
	buf_wipe(&decoded);
	return result;
}

static int put_all(const struct entity_tree *tree, struct span body, struct buf *out)
{
	const char *at = body.at;
	int dropped = 0;

	for (size_t i = 0; i < tree->n; i++) {
		const struct entity *part = &tree->at[i];
		size_t before = out->len;
		int result;

		if (!marked(part) || !is_main(tree, i))
			continue;
		if (buf_put(out, span_of(at, (size_t)(part->body.at - at))) < 0)
			return -1;
		result = put_part(part, out);
		if (result < 0)
			return -1;
		if (result == 0) {
			out->len = before;
			continue;
		}
		at = part->body.at + part->body.len;
		dropped = 1;
	}
	if (!dropped)
		return 0;
	return buf_put(out, span_of(at, (size_t)(body.at + body.len - at))) < 0 ? -1 : 1;
}

int legacy_display_drop(struct span fields, struct span body, struct buf *out)
{
	struct entity_tree tree;
	size_t before = out->len;
	int result;

	entity_read(fields, body, &tree);
	result = put_all(&tree, body, out);
	entity_free(&tree);
	if (result <= 0)
		out->len = before;
	return result;
}
