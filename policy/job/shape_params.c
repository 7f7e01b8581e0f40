#include "policy/job/shape_params.h"

#include <string.h>

#include "policy/job/content_type.h"
#include "policy/job/param_pieces.h"
#include "policy/job/shape_text.h"

/* What would be read as encoded, or is no text, has to be encoded there. */
static void put_escaped(const char *value, struct buf *to)
{
	for (; *value; value++) {
		if (*value >= ' ' && *value <= '~' && *value != '%')
			(void)buf_put(to, span_of(value, 1));
		else
			(void)buf_printf(to, "%%%02X", (unsigned)(unsigned char)*value);
	}
}

static void put_one(struct span name, struct span value, bool *any, struct buf *out)
{
	(void)buf_puts(out, *any ? " " : "(");
	*any = true;
	shape_text_put(name, out);
	(void)buf_puts(out, " ");
	shape_text_put(value, out);
}

static void put_joined(const struct content_type *type, struct span base, size_t n,
		       bool encoded, bool *any, struct buf *out)
{
	struct buf name, value;
	bool extended;

	buf_init(&name, base.len + 1);
	buf_init(&value, SHAPE_PARAMS_VALUE_MAX);
	(void)buf_put(&name, base);
	if (encoded)
		(void)buf_puts(&name, "*");
	for (size_t i = 0; i < n; i++) {
		const struct content_param *param = param_pieces_at(type, base, i, &extended);

		if (encoded && !extended)
			put_escaped(param->value, &value);
		else
			(void)buf_puts(&value, param->value);
	}
	put_one(buf_span(&name), buf_span(&value), any, out);
	buf_free(&name);
	buf_free(&value);
}

/* One in pieces: how many it has, where the first of them stands. */
struct joined {
	size_t n;	/* 0: there is none that begins there */
	bool encoded;
};

/*
 * Finds those in pieces, and notes of each parameter whether it is one. Each base is
 * counted once: thousands of parts may have a hundred pieces each (THREATS 108).
 */
static void find_joined(const struct content_type *type, struct joined *joined, bool *piece_of)
{
	struct param_piece first, piece;
	bool extended;

	for (size_t i = 0; i < type->n; i++) {
		if (!param_pieces_read(type->params[i].name, &first) || first.index != 0 ||
		    param_pieces_at(type, first.base, 0, &extended) != &type->params[i])
			continue;
		joined[i].n = param_pieces_count(type, first.base, &joined[i].encoded);
		for (size_t k = 0; k < type->n && joined[i].n; k++)
			piece_of[k] |= param_pieces_read(type->params[k].name, &piece) &&
				       span_eq_nocase(piece.base, first.base);
	}
}

void shape_params_put(const struct content_type *type, bool text, struct buf *out)
{
	struct joined joined[CONTENT_TYPE_PARAMS_MAX] = { 0 };
	bool piece_of[CONTENT_TYPE_PARAMS_MAX] = { 0 };
	bool any = false, charset = !text;
	struct param_piece first;

	find_joined(type, joined, piece_of);
	for (size_t i = 0; i < type->n; i++) {
		const struct content_param *param = &type->params[i];

		charset |= span_is_nocase(param->name, "charset");
		if (!piece_of[i])
			put_one(param->name, span_str(param->value), &any, out);
	}
	for (size_t i = 0; i < type->n; i++)
		if (joined[i].n && param_pieces_read(type->params[i].name, &first))
			put_joined(type, first.base, joined[i].n, joined[i].encoded, &any, out);
	if (!charset)	/* RFC 2045 5.2: what it is without being said */
		put_one(span_str("charset"), span_str("us-ascii"), &any, out);
	(void)buf_puts(out, any ? ")" : "NIL");
}
