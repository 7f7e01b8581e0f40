/* The shape of any bytes: ranges lie in the view and in their parents, all that
 * it says of one part agrees, its texts are IMAP, and it survives the wire. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/job/shape_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool inside(struct shape_range range, struct shape_range outer)
{
	return range.offset >= outer.offset && range.size <= outer.size &&
	       range.offset - outer.offset <= outer.size - range.size;
}

/* --- texts --- */

static void take_quoted(struct span *text)
{
	*text = span_skip(*text, 1);
	while (text->len && text->at[0] != '"') {
		must(text->at[0] >= ' ' && text->at[0] <= '~');
		if (text->at[0] == '\\') {
			*text = span_skip(*text, 1);
			must(text->len && (text->at[0] == '"' || text->at[0] == '\\'));
		}
		*text = span_skip(*text, 1);
	}
	must(text->len);
	*text = span_skip(*text, 1);
}

static void take_literal(struct span *text)
{
	size_t end = span_find(*text, '}');
	unsigned long long n = 0;

	must(end < text->len && span_number(span_of(text->at + 1, end - 1), &n));
	*text = span_skip(*text, end + 1);
	must(text->len >= 2 + n && memcmp(text->at, "\r\n", 2) == 0);
	must(!memchr(text->at + 2, '\0', n) && !memchr(text->at + 2, '\n', n));
	*text = span_skip(*text, 2 + (size_t)n);
}

/* One list in parentheses, and nothing else. */
static void check_text(struct span text)
{
	size_t depth = 0;

	must(text.len && text.at[0] == '(');
	while (text.len) {
		if (text.at[0] == '"') {
			take_quoted(&text);
			continue;
		}
		if (text.at[0] == '{') {
			take_literal(&text);
			continue;
		}
		must(text.at[0] == ' ' || text.at[0] == '(' || text.at[0] == ')' ||
		     strchr("NIL0123456789", text.at[0]));
		depth += text.at[0] == '(';
		must(depth > 0);
		depth -= text.at[0] == ')';
		text = span_skip(text, 1);
		must(depth > 0 || !text.len);
	}
	must(depth == 0);
}

/* --- parts --- */

static void check_part(const struct shape *shape, const struct shape_part *part)
{
	struct shape_range all = { 0, shape->size };
	uint32_t path[SHAPE_PATH_MAX];
	const struct shape_part *parent;

	must(part->path_n > 0 && part->path_n <= SHAPE_PATH_MAX);
	must(inside(part->mime, all) && inside(part->body, all));
	for (size_t i = 0; i < part->path_n; i++)
		path[i] = part->path[i];
	must(shape_find(shape, path, part->path_n) == part);
	if (part->message) {
		must(part->header.offset == part->body.offset);
		must(part->text.offset == part->header.offset + part->header.size);
		must(part->header.size + part->text.size == part->body.size);
	}
	if (part->path_n == 1)
		return;
	parent = shape_find(shape, path, part->path_n - 1);
	must(parent && inside(part->mime, parent->body) && inside(part->body, parent->body));
}

static void check_wire(const struct shape *shape)
{
	struct shape_entry sent = { .kind = SHAPE_VIEW, .shape = *shape }, got;
	struct buf out, again;
	struct span wire;
	struct err err;

	buf_init(&out, SHAPE_MAX);
	buf_init(&again, SHAPE_MAX);
	must(shape_entry_encode(&sent, &out) == 0);
	wire = buf_span(&out);
	must(shape_entry_decode(&wire, &got, &err) == 0 && wire.len == 0);
	must(shape_entry_encode(&got, &again) == 0);
	must(span_eq(buf_span(&out), buf_span(&again)));
	shape_entry_free(&got);
	buf_free(&out);
	buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span view = span_of((const char *)data, size);
	struct shape shape;
	struct buf text;

	buf_init(&text, SHAPE_MAX);
	shape_make(view, &shape, &text);
	must(shape.size == size && shape.header.offset == 0);
	must(shape.text.offset == shape.header.size);
	must(shape.header.size + shape.text.size == size);
	must(shape.parts_n > 0 && shape.parts_n <= SHAPE_PARTS_MAX);
	check_text(shape.envelope);
	check_text(shape.body);
	check_text(shape.bodystructure);
	for (size_t i = 0; i < shape.parts_n; i++)
		check_part(&shape, &shape.parts[i]);
	check_wire(&shape);
	free(shape.parts);
	buf_free(&text);
	return 0;
}
