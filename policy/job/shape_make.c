#include "policy/job/shape_make.h"

#include <stdlib.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>

#include "policy/job/entity.h"
#include "policy/job/shape_envelope.h"
#include "policy/job/shape_structure.h"
#include "policy/job/shape_text.h"

struct maker {
	struct span view;
	const struct entity_tree *tree;
	struct shape *shape;
	uint16_t path[SHAPE_PATH_MAX];
	bool beyond;		/* of a limit */
};

static struct shape_range range(const struct maker *m, const char *from, const char *to)
{
	return (struct shape_range){ .offset = (uint64_t)(from - m->view.at),
				     .size = (uint64_t)(to - from) };
}

/* The header of an entity with the empty line behind it, and its body. */
static struct shape_range header_of(const struct maker *m, const struct entity *part)
{
	return range(m, part->fields.at, part->body.at);
}

static struct shape_range body_of(const struct maker *m, const struct entity *part)
{
	return range(m, part->body.at, part->body.at + part->body.len);
}

static enum shape_encoding encoding_of(const struct entity *part)
{
	switch (part->encoding) {
	case ENTITY_SEVEN_BIT:
	case ENTITY_EIGHT_BIT:
	case ENTITY_BINARY:
		return SHAPE_IDENTITY;
	case ENTITY_BASE64:
		return SHAPE_BASE64;
	case ENTITY_QUOTED:
		return SHAPE_QUOTED_PRINTABLE;
	case ENTITY_OTHER:
		break;
	}
	return SHAPE_UNKNOWN_ENCODING;
}

static void add_children(struct maker *m, size_t i, size_t depth);

/* The part `i`, to which m->path[0..depth) leads. */
static void add_part(struct maker *m, size_t i, size_t depth)
{
	const struct entity *part = &m->tree->at[i];
	struct shape_part *to;

	if (m->shape->parts_n == SHAPE_PARTS_MAX) {
		m->beyond = true;
		return;
	}
	to = &m->shape->parts[m->shape->parts_n++];
	*to = (struct shape_part){ .path_n = depth, .mime = header_of(m, part),
				   .body = body_of(m, part), .encoding = encoding_of(part) };
	memcpy(to->path, m->path, sizeof(m->path));
	if (part->kind == ENTITY_MESSAGE && i + 1 < part->next) {
		to->message = true;
		to->header = header_of(m, &m->tree->at[i + 1]);
		to->text = body_of(m, &m->tree->at[i + 1]);
		add_children(m, i + 1, depth);
	} else if (part->kind == ENTITY_MULTIPART && i + 1 < part->next) {
		add_children(m, i, depth);
	}
}

/* What is numbered inside `i`, the root of a message or a multipart: its parts,
 * or itself as part 1. */
static void add_children(struct maker *m, size_t i, size_t depth)
{
	const struct entity *part = &m->tree->at[i];
	uint16_t number = 0;

	if (depth == SHAPE_PATH_MAX) {
		m->beyond = true;
		return;
	}
	if (part->kind != ENTITY_MULTIPART || i + 1 >= part->next) {
		m->path[depth] = 1;
		add_part(m, i, depth + 1);
		return;
	}
	for (size_t child = i + 1; child < part->next; child = m->tree->at[child].next) {
		m->path[depth] = ++number;
		add_part(m, child, depth + 1);
	}
}

/* A message of one text, whatever it is: all answers about it agree. */
static void make_least(struct span view, struct shape *shape, struct buf *text)
{
	size_t lines = 0;

	for (size_t i = 0; i < view.len; i++)
		lines += view.at[i] == '\n';
	*shape = (struct shape){ .size = view.len, .text.size = view.len };
	buf_clear(text);
	(void)buf_printf(text, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL "
			 "\"7bit\" %zu %zu)", view.len, lines);
	shape->body = shape->bodystructure = buf_span(text);
	shape->envelope = span_str("(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)");
	shape->parts = mem_new(sizeof(*shape->parts));
	shape->parts_n = 1;
	shape->parts[0] = (struct shape_part){ .path = { 1 }, .path_n = 1, .body = shape->text };
}

/* Text moves while it grows: its pieces are named when all is there. */
static void put_texts(struct maker *m, struct span fields, struct buf *text)
{
	size_t body, bodystructure;
	struct span all;

	shape_envelope_put(fields, text);
	body = text->len;
	shape_structure_put(m->tree, false, text);
	bodystructure = text->len;
	shape_structure_put(m->tree, true, text);
	all = buf_span(text);
	m->shape->envelope = span_of(all.at, body);
	m->shape->body = span_of(all.at + body, bodystructure - body);
	m->shape->bodystructure = span_skip(all, bodystructure);
	m->beyond |= shape_text_full(text) || text->len > SHAPE_TEXT_MAX;
}

void shape_make(struct span view, struct shape *shape, struct buf *text)
{
	struct maker m = { .view = view, .shape = shape };
	struct entity_tree tree;
	size_t end, begin;

	if (header_end(view, &end, &begin) < 0) {
		make_least(view, shape, text);
		return;
	}
	*shape = (struct shape){ .size = view.len, .header.size = begin };
	shape->text = (struct shape_range){ begin, view.len - begin };
	if (begin <= SHAPE_HEADER_MAX)
		shape->header_bytes = span_of(view.at, begin);
	entity_read(span_of(view.at, end), span_skip(view, begin), &tree);
	m.tree = &tree;
	shape->parts = mem_new((tree.n + 1) * sizeof(*shape->parts));
	m.beyond = tree.n >= SHAPE_PARTS_MAX;
	if (!m.beyond)
		add_children(&m, 0, 0);
	put_texts(&m, span_of(view.at, end), text);
	entity_free(&tree);
	if (!m.beyond)
		return;
	free(shape->parts);
	make_least(view, shape, text);
}
