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

void shape_params_put(const struct content_type *type, bool text, struct buf *out)
{
	bool any = false, charset = !text, encoded;
	struct param_piece piece;

	for (size_t i = 0; i < type->n; i++) {
		const struct content_param *param = &type->params[i];

		charset |= span_is_nocase(param->name, "charset");
		if (!param_pieces_read(param->name, &piece) ||
		    !param_pieces_count(type, piece.base, &encoded))
			put_one(param->name, span_str(param->value), &any, out);
	}
	for (size_t i = 0; i < type->n; i++) {
		size_t n;

		if (!param_pieces_read(type->params[i].name, &piece) || piece.index != 0)
			continue;
		n = param_pieces_count(type, piece.base, &encoded);
		if (n)
			put_joined(type, piece.base, n, encoded, &any, out);
	}
	if (!charset)	/* RFC 2045 5.2: what it is without being said */
		put_one(span_str("charset"), span_str("us-ascii"), &any, out);
	(void)buf_puts(out, any ? ")" : "NIL");
}
