#include "policy/job/canonical.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>

#include "policy/job/agreement.h"
#include "policy/job/decode.h"
#include "policy/job/encode.h"
#include "policy/job/header_guard.h"
#include "policy/job/message.h"
#include "policy/job/output.h"

enum { LINE_OCTETS_MAX = 998, FIELDS_MAX = 8 * HEADER_BLOCK_MAX };

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool line_clean(struct span line)
{
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line.len <= LINE_OCTETS_MAX && !(line.len > 0 && blank(line.at[line.len - 1])) &&
	       !(line.len >= 5 && memcmp(line.at, "From ", 5) == 0);
}

bool canonical_clean(struct span text)
{
	struct span line;

	if (message_eight_bit(text))
		return false;
	while (span_split(&text, '\n', &line))
		if (!line_clean(line))
			return false;
	return true;
}

static bool is_text(const struct entity *part)
{
	return strncmp(entity_type(part), "text/", 5) == 0;
}

/* How a leaf has to be written. */
static enum canonical_way leaf_way(const struct entity *part)
{
	if (part->encoding != ENTITY_BINARY && canonical_clean(part->body))
		return CANONICAL_COPY;
	if (part->encoding == ENTITY_BASE64)
		return CANONICAL_BASE64;
	return is_text(part) || part->encoding == ENTITY_QUOTED ? CANONICAL_QUOTED
								: CANONICAL_BASE64;
}

static int refuse(struct err *err, const char *why)
{
	return err_set(err, ERR_REFUSED, "the message cannot be written in 7 bits: %s", why);
}

/* Whether something in a composite has to be written anew. */
static bool dirty_inside(const struct canonical *c, size_t i)
{
	const struct entity *part = &c->tree.at[i];
	bool dirty = part->encoding == ENTITY_BINARY || !canonical_clean(part->body);

	for (size_t k = i + 1; k < part->next && !dirty; k++)
		dirty = c->ways[k] != CANONICAL_COPY;
	return dirty;
}

/* From the last part to the first: what is inside of one comes before it. */
static int choose_ways(struct canonical *c, struct err *err)
{
	for (size_t i = c->tree.n; i-- > 0;) {
		const struct entity *part = &c->tree.at[i];

		if (part->kind == ENTITY_LEAF)
			c->ways[i] = leaf_way(part);
		else if (dirty_inside(c, i))
			c->ways[i] = CANONICAL_INSIDE;
		if (c->ways[i] != CANONICAL_COPY) {
			if (part->encoding == ENTITY_OTHER)
				return refuse(err, "a transfer encoding is not known");
			if (content_type_is(&part->type, "multipart/signed"))
				return refuse(err, "a part of it is signed");
		} else if (i > 0 && !canonical_clean(part->fields)) {
			c->ways[i] = CANONICAL_HEADER;
		}
	}
	return 0;
}

int canonical_read(const struct message *message, struct canonical *c, struct err *err)
{
	*c = (struct canonical){ .message = message };
	entity_read(message->fields, message->body, &c->tree);
	c->ways = mem_new(c->tree.n * sizeof(*c->ways));
	c->clean = canonical_clean(message->body) && c->tree.at[0].encoding != ENTITY_BINARY;
	if (c->clean)
		return 0;
	if (!agreement_on(message, &c->tree, NULL))
		(void)refuse(err, "its structure is not clear");
	else if (choose_ways(c, err) == 0)
		return 0;
	canonical_free(c);
	return -1;
}

void canonical_free(struct canonical *c)
{
	entity_free(&c->tree);
	free(c->ways);
	*c = (struct canonical){ 0 };
}

static const char *encoding_word(enum canonical_way way)
{
	switch (way) {
	case CANONICAL_QUOTED:
		return "quoted-printable";
	case CANONICAL_BASE64:
		return "base64";
	case CANONICAL_INSIDE:
		return "7bit";
	case CANONICAL_COPY:
	case CANONICAL_HEADER:
		break;
	}
	return NULL;
}

const char *canonical_encoding(const struct canonical *c)
{
	return c->clean ? NULL : encoding_word(c->ways[0]);
}

static void put_leaf(const struct entity *part, enum canonical_way way, struct output *out)
{
	bool exact = true;
	struct encode encode;

	encode_init(&encode, way == CANONICAL_QUOTED, out);
	if (part->encoding == ENTITY_BASE64)
		decode_base64(part->body, encode_sink, &encode, &exact);
	else if (part->encoding == ENTITY_QUOTED)
		decode_quoted(part->body, encode_sink, &encode, &exact);
	else
		(void)encode_sink(&encode, part->body);
	encode_end(&encode);
}

/* The header of a part, and the empty line behind it. */
static void put_header(const struct entity *part, enum canonical_way way, struct output *out)
{
	const char *encoding = encoding_word(way);
	struct span rest = part->fields;
	struct header_field field;
	struct buf text;
	bool failed = false;

	if (way == CANONICAL_COPY) {
		output_put(out, part->fields);
	} else {
		buf_init(&text, FIELDS_MAX);
		while (!failed && header_next(&rest, &field) == 1)
			failed = header_guard_part_field(&field, encoding, &text) < 0;
		if (encoding)
			failed |= buf_printf(&text, "Content-Transfer-Encoding: %s\r\n",
					     encoding) < 0;
		if (failed)
			out->failed = EOVERFLOW;
		output_put(out, buf_span(&text));
		buf_free(&text);
	}
	if (!part->headless)
		output_puts(out, "\r\n");
}

/* What no reader is shown goes when it cannot stay as it is. */
static void put_around(struct span text, struct output *out)
{
	if (canonical_clean(text))
		output_put(out, text);
}

static void put_body(const struct canonical *c, size_t i, struct output *out);

static void put_multipart(const struct canonical *c, size_t i, struct output *out)
{
	const struct entity *part = &c->tree.at[i];
	struct span boundary = span_trim(span_str(content_type_param(&part->type, "boundary")));

	put_around(part->preamble, out);
	for (size_t k = i + 1; k < part->next; k = c->tree.at[k].next) {
		output_puts(out, k == i + 1 ? "--" : "\r\n--");
		output_put(out, boundary);
		output_puts(out, "\r\n");
		put_header(&c->tree.at[k], c->ways[k], out);
		put_body(c, k, out);
	}
	output_puts(out, "\r\n--");
	output_put(out, boundary);
	output_puts(out, "--");
	if (part->epilogue.at[-1] == '\n')
		output_puts(out, "\r\n");
	put_around(part->epilogue, out);
}

static void put_body(const struct canonical *c, size_t i, struct output *out)
{
	const struct entity *part = &c->tree.at[i];

	switch (c->ways[i]) {
	case CANONICAL_COPY:
	case CANONICAL_HEADER:
		output_put(out, part->body);
		break;
	case CANONICAL_QUOTED:
	case CANONICAL_BASE64:
		put_leaf(part, c->ways[i], out);
		break;
	case CANONICAL_INSIDE:
		if (part->kind == ENTITY_MULTIPART) {
			put_multipart(c, i, out);
			break;
		}
		put_header(&c->tree.at[i + 1], c->ways[i + 1], out);
		put_body(c, i + 1, out);
		break;
	}
}

void canonical_put(const struct canonical *c, struct output *out)
{
	if (c->clean)
		output_put(out, c->message->body);
	else
		put_body(c, 0, out);
}
