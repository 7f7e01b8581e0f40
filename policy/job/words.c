#include "policy/job/words.h"

#include <stdlib.h>

#include <letterlock/encoded_word.h>
#include <letterlock/header.h>

#include "policy/crypto/mime_fold.h"
#include "policy/job/decode.h"
#include "policy/job/entity.h"

static void put_fields(struct span fields, struct buf *out)
{
	struct header_field field;

	while (header_next(&fields, &field) == 1) {
		char *value = encoded_word_decode(field.body, NULL);
		size_t before = out->len;

		if (mime_fold(field.name, out) < 0 || buf_puts(out, ": ") < 0 ||
		    mime_fold(span_trim(span_str(value)), out) < 0 || buf_puts(out, "\n") < 0)
			out->len = before;
		free(value);
	}
}

/* The octets that the part's encoding stands for, as far as they fit. */
static struct span octets_of(const struct entity *part, struct buf *room)
{
	bool exact = true;

	if (part->encoding == ENTITY_BASE64)
		decode_base64(part->body, decode_into_buf, room, &exact);
	else if (part->encoding == ENTITY_QUOTED)
		decode_quoted(part->body, decode_into_buf, room, &exact);
	else
		return part->body;
	return buf_span(room);
}

static void put_text(const struct entity *part, struct buf *out)
{
	struct buf decoded, text;
	struct span octets;
	bool exact = true;

	buf_init(&decoded, WORDS_MAX);
	buf_init(&text, WORDS_MAX);
	octets = octets_of(part, &decoded);
	if (octets.len > WORDS_MAX / 4)
		octets.len = WORDS_MAX / 4;
	/* what does not fit any more is not found: a search is no promise */
	(void)decode_charset(octets, content_type_param(&part->type, "charset"), &text, &exact);
	(void)mime_fold(buf_span(&text), out);
	(void)buf_puts(out, "\n");
	buf_wipe(&decoded);
	buf_wipe(&text);
}

void words_make(struct span view, struct buf *out)
{
	struct entity_tree tree;
	size_t end, begin;

	if (header_end(view, &end, &begin) < 0)
		return;
	put_fields(span_of(view.at, end), out);
	(void)buf_puts(out, "\n");
	entity_read(span_of(view.at, end), span_skip(view, begin), &tree);
	for (size_t i = 0; i < tree.n; i++) {
		const struct entity *part = &tree.at[i];

		if (part->kind == ENTITY_LEAF && strncmp(entity_type(part), "text/", 5) == 0)
			put_text(part, out);
		else if (part->kind == ENTITY_MESSAGE && i + 1 < tree.n)
			put_fields(tree.at[i + 1].fields, out);
	}
	entity_free(&tree);
}
