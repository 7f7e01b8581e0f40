#include "policy/job/content_type.h"

#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/utf8.h>

struct reader {
	struct span all;
	size_t at;
};

static char peek(const struct reader *r)
{
	return r->at < r->all.len ? r->all.at[r->at] : '\0';
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* No NUL is one. */
static bool one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* RFC 2045 5.1 */
static bool token_char(char c)
{
	return c > ' ' && c < 0x7f && !one_of(c, "()<>@,;:\\\"/[]?=");
}

/* A comment with those inside it; false when it has no end. */
static bool skip_comment(struct reader *r)
{
	size_t depth = 0;

	do {
		char c = peek(r);

		if (r->at >= r->all.len)
			return false;
		if (c == '\\')
			r->at++;
		depth += c == '(';
		depth -= c == ')';
		r->at++;
	} while (depth > 0);
	return r->at <= r->all.len;
}

/* Blanks and comments. */
static bool skip_cfws(struct reader *r)
{
	for (;;) {
		while (r->at < r->all.len && blank(peek(r)))
			r->at++;
		if (r->at >= r->all.len || peek(r) != '(')
			return true;
		if (!skip_comment(r))
			return false;
	}
}

static struct span take_token(struct reader *r)
{
	size_t from = r->at;

	while (r->at < r->all.len && token_char(peek(r)))
		r->at++;
	return span_of(r->all.at + from, r->at - from);
}

/* What is between quotes, unquoted and unfolded; to the end without a second. */
static char *take_quoted(struct reader *r, bool *open)
{
	char *value = mem_new(r->all.len - r->at + 1);
	size_t n = 0;

	for (r->at++; r->at < r->all.len; r->at++) {
		char c = peek(r);

		if (c == '"') {
			r->at++;
			return value;
		}
		if (c == '\\' && r->at + 1 < r->all.len)
			c = r->all.at[++r->at];
		if (c != '\r' && c != '\n')
			value[n++] = c ? c : ' ';
	}
	*open = true;
	return value;
}

/* Goes on to the next `;` that is in no quotes. */
static void skip_to_next(struct reader *r, bool *open)
{
	while (r->at < r->all.len && peek(r) != ';') {
		if (peek(r) == '"')
			free(take_quoted(r, open));
		else
			r->at++;
	}
}

/* What stands bare: `=` and 8-bit octets do in the wild (boundary=----=_Part_1),
 * and blanks (name=two words.pdf), which is odd. */
static char *take_bare(struct reader *r, struct content_param *param, bool *open)
{
	size_t from = r->at, end;

	while (r->at < r->all.len && !blank(peek(r)) && !one_of(peek(r), ";\"("))
		r->at++;
	end = r->at;
	if (!skip_cfws(r))
		return NULL;
	if (r->at < r->all.len && peek(r) != ';') {
		param->odd = true;
		skip_to_next(r, open);
		end = r->at;
		while (end > from && blank(r->all.at[end - 1]))
			end--;
	} else {
		r->at = end;
	}
	param->odd |= end == from;
	return span_dup(span_of(r->all.at + from, end - from));
}

static bool lower_value(struct reader *r, bool slash, struct content_type *type)
{
	size_t from = r->at;

	if (!take_token(r).len)
		return false;
	if (slash && (peek(r) != '/' || (r->at++, !take_token(r).len)))
		return false;
	/* text that goes on is another word, and nobody knows which */
	if (r->at < r->all.len && !blank(peek(r)) && !one_of(peek(r), ";(,"))
		return false;
	type->value = span_dup(span_of(r->all.at + from, r->at - from));
	for (char *c = type->value; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return true;
}

/* What stands behind a value up to the next `;` goes with it, comments too: left
 * behind other text, where no comment is seen, a quote in one would begin a string. */
static bool take_rest(struct reader *r, struct content_param *param, bool *open)
{
	if (!skip_cfws(r))
		return false;
	if (r->at < r->all.len && peek(r) != ';') {
		param->odd = true;
		skip_to_next(r, open);
	}
	return true;
}

static bool add_param(struct content_type *type, struct content_param *param)
{
	if (type->n == CONTENT_TYPE_PARAMS_MAX) {
		free(param->value);
		return false;
	}
	for (size_t i = 0; i < type->n; i++)
		type->twice |= span_eq_nocase(type->params[i].name, param->name);
	type->params = mem_one_more(type->params, type->n, sizeof(*param));
	type->params[type->n++] = *param;
	return true;
}

static bool take_param(struct reader *r, struct content_type *type)
{
	struct content_param param = { .raw.at = r->all.at + r->at };

	r->at++;	/* the `;` */
	if (!skip_cfws(r))
		return false;
	/* A `;` with nothing behind it is common. */
	if (r->at >= r->all.len || peek(r) == ';')
		return true;
	param.name = take_token(r);
	if (param.name.len > CONTENT_TYPE_NAME_MAX || !skip_cfws(r))
		return false;
	if (!param.name.len || peek(r) != '=') {
		type->odd = type->stray = true;
		skip_to_next(r, &type->open);
		return true;
	}
	r->at++;
	if (!skip_cfws(r))
		return false;
	if (peek(r) == '"')
		param.value = take_quoted(r, &type->open);
	else
		param.value = take_bare(r, &param, &type->open);
	if (!param.value)
		return false;
	if (!take_rest(r, &param, &type->open)) {
		free(param.value);
		return false;
	}
	param.odd |= type->open;
	type->odd |= param.odd;
	param.raw.len = (size_t)(r->all.at + r->at - param.raw.at);
	return add_param(type, &param);
}

/* All behind the value in front. */
static bool take_params(struct reader *r, struct content_type *type)
{
	while (skip_cfws(r)) {
		if (r->at >= r->all.len)
			return true;
		if (peek(r) != ';') {
			type->odd = type->stray = true;
			skip_to_next(r, &type->open);
		} else if (!take_param(r, type)) {
			return false;
		}
	}
	return false;
}

int content_type_parse(struct span body, bool slash, struct content_type *type)
{
	struct reader r = { .all = body };

	*type = (struct content_type){ 0 };
	if (skip_cfws(&r) && lower_value(&r, slash, type) && take_params(&r, type))
		return 0;
	content_type_free(type);
	return -1;
}

bool content_type_begins(struct span body)
{
	struct reader r = { .all = body };
	struct content_type type = { 0 };
	bool begins = skip_cfws(&r) && lower_value(&r, true, &type);

	content_type_free(&type);
	return begins;
}

void content_type_free(struct content_type *type)
{
	for (size_t i = 0; i < type->n; i++)
		free(type->params[i].value);
	free(type->params);
	free(type->value);
	*type = (struct content_type){ 0 };
}

const struct content_param *content_type_find(const struct content_type *type,
					      const char *name)
{
	for (size_t i = 0; i < type->n; i++)
		if (span_is_nocase(type->params[i].name, name))
			return &type->params[i];
	return NULL;
}

const char *content_type_param(const struct content_type *type, const char *name)
{
	const struct content_param *param = content_type_find(type, name);

	return param ? param->value : NULL;
}

/* `name` in the writing of RFC 2231: name*, name*0, name*0*. */
static bool is_extended(struct span seen, const char *name)
{
	size_t star = span_find(seen, '*');

	return star < seen.len && span_is_nocase(span_of(seen.at, star), name);
}

bool content_type_extended(const struct content_type *type, const char *name)
{
	for (size_t i = 0; i < type->n; i++) {
		if (is_extended(type->params[i].name, name))
			return true;
	}
	return false;
}

bool content_type_is(const struct content_type *type, const char *value)
{
	return type->value && strcmp(type->value, value) == 0;
}

/* `body` up to what is nothing but blanks and semicolons. */
static struct span without_tail(struct span body)
{
	while (body.len > 0 && (blank(body.at[body.len - 1]) || body.at[body.len - 1] == ';'))
		body.len--;
	return body;
}

/* True when what follows would be escaped. */
static bool ends_escaped(struct span text)
{
	size_t n = 0;

	while (n < text.len && text.at[text.len - 1 - n] == '\\')
		n++;
	return n % 2 == 1;
}

int content_type_put_with(const struct content_type *type, struct span body,
			  const char *name, const char *value, struct buf *out)
{
	struct span rest = without_tail(body);
	const char *end = rest.at + rest.len;

	for (size_t i = 0; i < type->n; i++) {
		const struct content_param *param = &type->params[i];

		if (!span_is_nocase(param->name, name) && !is_extended(param->name, name))
			continue;
		if (buf_put(out, span_of(rest.at, (size_t)(param->raw.at - rest.at))) < 0)
			return -1;
		rest.at = param->raw.at + param->raw.len;
		/* an open quote takes the blanks at the end, too */
		rest.len = rest.at < end ? (size_t)(end - rest.at) : 0;
	}
	if (buf_put(out, rest) < 0)
		return -1;
	/* the quote without an end, if that is still there, ends here */
	if (type->open && rest.len &&
	    buf_puts(out, ends_escaped(rest) ? "\\\"" : "\"") < 0)
		return -1;
	return buf_printf(out, ";\r\n\t%s=\"%s\"", name, value);
}

static bool eight_bit(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] > 0x7f)
			return true;
	return false;
}

static int put_plain(struct span text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = (unsigned char)text.at[i] > 0x7f ? '?' : text.at[i];

		if (buf_put(out, span_of(&c, 1)) < 0)
			return -1;
	}
	return 0;
}

/* RFC 2231 4: attribute characters as they are, the rest as %XX. */
static int put_extended(const struct content_param *param, struct buf *out)
{
	struct span value = span_str(param->value);
	const char *charset = utf8_valid(value) ? "utf-8" : "iso-8859-1";

	if (buf_puts(out, ";\r\n\t") < 0 || put_plain(param->name, out) < 0 ||
	    buf_printf(out, "*=%s''", charset) < 0)
		return -1;
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.at[i];
		bool as_it_is = token_char((char)c) && !one_of((char)c, "*'%");

		if (buf_printf(out, as_it_is ? "%c" : "%%%02X", c) < 0)
			return -1;
	}
	return 0;
}

int content_type_put_ascii(const struct content_type *type, struct span body,
			   struct buf *out)
{
	struct span rest = body;
	const char *end = body.at + body.len;

	for (size_t i = 0; i < type->n; i++) {
		const struct content_param *param = &type->params[i];

		if (!eight_bit(span_str(param->value)))
			continue;
		if (put_plain(span_of(rest.at, (size_t)(param->raw.at - rest.at)), out) < 0 ||
		    put_extended(param, out) < 0)
			return -1;
		rest.at = param->raw.at + param->raw.len;
		rest.len = (size_t)(end - rest.at);
	}
	return put_plain(rest, out);
}
