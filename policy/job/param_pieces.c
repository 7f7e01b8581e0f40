#include "policy/job/param_pieces.h"

#include <letterlock/codec.h>

#include "policy/job/content_type.h"

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool param_pieces_read(struct span name, struct param_piece *piece)
{
	size_t star = span_find(name, '*'), at = star + 1;

	*piece = (struct param_piece){ .base = span_of(name.at, star) };
	if (star == name.len)
		return false;
	for (; at < name.len && digit(name.at[at]) && piece->index < CONTENT_TYPE_PARAMS_MAX; at++)
		piece->index = piece->index * 10 + (size_t)(name.at[at] - '0');
	piece->extended = at == star + 1 || (at < name.len && name.at[at] == '*');
	if (at > star + 1 && piece->extended)
		at++;
	return at == name.len;
}

const struct content_param *param_pieces_at(const struct content_type *type, struct span base,
					    size_t index, bool *extended)
{
	struct param_piece piece;

	for (size_t i = 0; i < type->n; i++) {
		if (!param_pieces_read(type->params[i].name, &piece) || piece.index != index ||
		    !span_eq_nocase(piece.base, base))
			continue;
		*extended = piece.extended;
		return &type->params[i];
	}
	return NULL;
}

size_t param_pieces_count(const struct content_type *type, struct span base,
			  bool *any_extended)
{
	size_t here = 0, n = 0;
	struct param_piece piece;
	bool extended;

	*any_extended = false;
	for (size_t i = 0; i < type->n; i++)
		if (param_pieces_read(type->params[i].name, &piece) &&
		    span_eq_nocase(piece.base, base))
			here++;
	while (param_pieces_at(type, base, n, &extended)) {
		*any_extended |= extended;
		n++;
	}
	return n == here ? n : 0;
}

int param_pieces_decode(struct span value, struct buf *out)
{
	while (value.len > 0) {
		unsigned char octet;
		bool coded = value.len > 2 && value.at[0] == '%' &&
			     codec_unhex(span_of(value.at + 1, 2), &octet, 1);

		if (buf_put(out, coded ? span_of((const char *)&octet, 1)
				       : span_of(value.at, 1)) < 0)
			return -1;
		value = span_skip(value, coded ? 3 : 1);
	}
	return 0;
}
