#include "policy/job/shape_params.h"

#include <string.h>

#include "policy/job/content_type.h"
#include "policy/job/shape_text.h"

/* A name as RFC 2231 reads it: "base*index*" */
struct piece {
	struct span base;
	size_t index;
	bool extended;		/* its value is percent-encoded */
};

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* False: a name without a star, or none that the grammar knows. */
static bool read_piece(struct span name, struct piece *piece)
{
	size_t star = span_find(name, '*'), at = star + 1;

	*piece = (struct piece){ .base = span_of(name.at, star) };
	if (star == name.len)
		return false;
	for (; at < name.len && digit(name.at[at]) && piece->index < CONTENT_TYPE_PARAMS_MAX; at++)
		piece->index = piece->index * 10 + (size_t)(name.at[at] - '0');
	piece->extended = at == star + 1 || (at < name.len && name.at[at] == '*');
	if (at > star + 1 && piece->extended)
		at++;
	return at == name.len;
}

static const struct content_param *find(const struct content_type *type, struct span base,
					size_t index, bool *extended)
{
	struct piece piece;

	for (size_t i = 0; i < type->n; i++) {
		if (!read_piece(type->params[i].name, &piece) || piece.index != index ||
		    !span_eq_nocase(piece.base, base))
			continue;
		*extended = piece.extended;
		return &type->params[i];
	}
	return NULL;
}

/* How many pieces `base` has; 0 when one is missing or there twice. */
static size_t pieces_of(const struct content_type *type, struct span base, bool *any_extended)
{
	size_t here = 0, n = 0;
	struct piece piece;
	bool extended;

	*any_extended = false;
	for (size_t i = 0; i < type->n; i++)
		if (read_piece(type->params[i].name, &piece) && span_eq_nocase(piece.base, base))
			here++;
	while (find(type, base, n, &extended)) {
		*any_extended |= extended;
		n++;
	}
	return n == here ? n : 0;
}

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
		const struct content_param *param = find(type, base, i, &extended);

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
	struct piece piece;

	for (size_t i = 0; i < type->n; i++) {
		const struct content_param *param = &type->params[i];

		charset |= span_is_nocase(param->name, "charset");
		if (!read_piece(param->name, &piece) || !pieces_of(type, piece.base, &encoded))
			put_one(param->name, span_str(param->value), &any, out);
	}
	for (size_t i = 0; i < type->n; i++) {
		size_t n;

		if (!read_piece(type->params[i].name, &piece) || piece.index != 0)
			continue;
		n = pieces_of(type, piece.base, &encoded);
		if (n)
			put_joined(type, piece.base, n, encoded, &any, out);
	}
	if (!charset)	/* RFC 2045 5.2: what it is without being said */
		put_one(span_str("charset"), span_str("us-ascii"), &any, out);
	(void)buf_puts(out, any ? ")" : "NIL");
}
