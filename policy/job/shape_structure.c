#include "policy/job/shape_structure.h"

#include <letterlock/header.h>

#include "policy/job/entity.h"
#include "policy/job/shape_envelope.h"
#include "policy/job/shape_params.h"
#include "policy/job/shape_text.h"

struct writer {
	const struct entity_tree *tree;
	bool extended;
	struct buf *out;
};

static void put_part(struct writer *w, size_t i);

static void say(struct writer *w, const char *text)
{
	(void)buf_puts(w->out, text);
}

static void put_number(struct writer *w, size_t number)
{
	(void)buf_printf(w->out, " %zu", number);
}

static size_t lines_of(struct span body)
{
	size_t n = 0;

	for (size_t i = 0; i < body.len; i++)
		n += body.at[i] == '\n';
	return n;
}

static bool is_text(const struct entity *part)
{
	return strncmp(entity_type(part), "text/", 5) == 0;
}

/*
 * What a leaf is called. A message or multipart that is encoded, or has no
 * parts, is looked into by nobody: its structure has to be a leaf's, too.
 */
static const char *type_of(const struct entity *part)
{
	const char *type = entity_type(part);

	if (part->kind == ENTITY_LEAF && (strncmp(type, "multipart/", 10) == 0 ||
					  strcmp(type, "message/rfc822") == 0 ||
					  strcmp(type, "message/global") == 0))
		return "application/octet-stream";
	return type;
}

static void put_params(struct writer *w, const struct content_type *type, bool text)
{
	say(w, " ");
	shape_params_put(type, text, w->out);
}

static void put_field(struct writer *w, const struct entity *part, const char *name)
{
	struct header_field field;

	say(w, " ");
	shape_text_field(header_find(part->fields, name, &field) ? &field : NULL, w->out);
}

static void put_encoding(struct writer *w, const struct entity *part)
{
	struct header_field field;
	struct span value;
	size_t n = 0;

	say(w, " ");
	if (!header_find(part->fields, "Content-Transfer-Encoding", &field)) {
		say(w, "\"7bit\"");
		return;
	}
	value = span_trim(field.body);
	while (n < value.len && (unsigned char)value.at[n] > ' ' && value.at[n] != ';' &&
	       value.at[n] != '(')
		n++;
	shape_text_put(n ? span_of(value.at, n) : span_str("7bit"), w->out);
}

static void put_disposition(struct writer *w, const struct entity *part)
{
	struct header_field field;
	struct content_type how;

	if (!header_find(part->fields, "Content-Disposition", &field) ||
	    content_type_parse(field.body, false, &how) < 0) {
		say(w, " NIL");
		return;
	}
	say(w, " (");
	shape_text_put(span_str(how.value), w->out);
	put_params(w, &how, false);
	say(w, ")");
	content_type_free(&how);
}

static void put_language(struct writer *w, const struct entity *part)
{
	struct header_field field;
	struct span rest, one;
	bool any = false;

	if (!header_find(part->fields, "Content-Language", &field)) {
		say(w, " NIL");
		return;
	}
	say(w, " (");
	rest = field.body;
	while (span_split(&rest, ',', &one)) {
		if (any)
			say(w, " ");
		any = true;
		shape_text_put(span_trim(one), w->out);
	}
	say(w, ")");
}

static void put_extensions(struct writer *w, const struct entity *part)
{
	put_disposition(w, part);
	put_language(w, part);
	put_field(w, part, "Content-Location");
}

static void put_leaf(struct writer *w, size_t i)
{
	static const struct content_type none;
	const struct entity *part = &w->tree->at[i];
	const char *type = type_of(part), *slash = strchr(type, '/');
	bool message = part->kind == ENTITY_MESSAGE && i + 1 < part->next;

	say(w, "(");
	shape_text_put(span_of(type, (size_t)(slash - type)), w->out);
	say(w, " ");
	shape_text_put(span_str(slash + 1), w->out);
	put_params(w, part->type.value ? &part->type : &none, is_text(part));
	put_field(w, part, "Content-ID");
	put_field(w, part, "Content-Description");
	put_encoding(w, part);
	put_number(w, part->body.len);
	if (message) {
		say(w, " ");
		shape_envelope_put(w->tree->at[i + 1].fields, w->out);
		say(w, " ");
		put_part(w, i + 1);
	}
	if (message || is_text(part))
		put_number(w, lines_of(part->body));
	if (w->extended) {
		put_field(w, part, "Content-MD5");
		put_extensions(w, part);
	}
	say(w, ")");
}

static void put_multipart(struct writer *w, size_t i)
{
	const struct entity *part = &w->tree->at[i];
	const char *slash = strchr(entity_type(part), '/');

	say(w, "(");
	for (size_t child = i + 1; child < part->next; child = w->tree->at[child].next)
		put_part(w, child);
	say(w, " ");
	shape_text_put(span_str(slash + 1), w->out);
	if (w->extended) {
		put_params(w, &part->type, false);
		put_extensions(w, part);
	}
	say(w, ")");
}

/* A multipart without parts is a leaf to everybody. */
static void put_part(struct writer *w, size_t i)
{
	const struct entity *part = &w->tree->at[i];

	if (shape_text_full(w->out))
		return;		/* which is looked at in the end */
	if (part->kind == ENTITY_MULTIPART && i + 1 < part->next)
		put_multipart(w, i);
	else
		put_leaf(w, i);
}

void shape_structure_put(const struct entity_tree *tree, bool extended, struct buf *out)
{
	struct writer w = { .tree = tree, .extended = extended, .out = out };

	put_part(&w, 0);
}
