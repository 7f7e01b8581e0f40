#include "policy/job/entity.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>

struct reader {
	struct entity_tree *tree;
	size_t depth_max;
};

/* A part as it stands between two delimiters. */
static void read_part(struct reader *r, struct span fields, struct span body, size_t depth,
		      bool in_digest, bool ragged, bool headless);

static struct entity *add(struct reader *r)
{
	struct entity_tree *tree = r->tree;

	tree->at = mem_one_more(tree->at, tree->n, sizeof(*tree->at));
	tree->at[tree->n] = (struct entity){ 0 };
	return &tree->at[tree->n++];
}

static enum entity_encoding encoding_of(struct span fields, bool *exact)
{
	static const struct {
		const char *word;
		enum entity_encoding encoding;
	} words[] = {
		{ "7bit", ENTITY_SEVEN_BIT },   { "8bit", ENTITY_EIGHT_BIT },
		{ "binary", ENTITY_BINARY },    { "base64", ENTITY_BASE64 },
		{ "quoted-printable", ENTITY_QUOTED },
	};
	struct header_field field;
	size_t n = header_find(fields, "Content-Transfer-Encoding", &field);
	enum entity_encoding found = ENTITY_OTHER;
	char *value;

	if (n == 0)
		return ENTITY_SEVEN_BIT;
	*exact &= n == 1;
	value = header_unfold(field.body);
	value[strcspn(value, "; (\t")] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_is_nocase(span_str(value), words[i].word))
			found = words[i].encoding;
	free(value);
	*exact &= found != ENTITY_OTHER;
	return found;
}

static void type_of(struct span fields, struct content_type *type, bool *exact)
{
	struct header_field field;
	size_t n = header_find(fields, "Content-Type", &field);

	*type = (struct content_type){ 0 };
	if (n == 0)
		return;
	*exact &= n == 1;
	if (content_type_parse(field.body, true, type) < 0)
		*exact = false;
	*exact &= !type->twice && !content_type_extended(type, "boundary") &&
		  !content_type_extended(type, "charset");
}

/* The first delimiter line in `text` from `from` on (which begins a line):
 * where its `--` stands, and where the line behind it begins. */
static bool find_delimiter(struct span text, struct span boundary, size_t from, size_t *at,
			   size_t *behind, bool *last)
{
	char mark[ENTITY_BOUNDARY_MAX + 3] = "--";
	size_t len = boundary.len + 2;

	memcpy(mark + 2, boundary.at, boundary.len);
	for (; from + len <= text.len; from++) {
		const char *hit = memmem(text.at + from, text.len - from, mark, len);
		size_t end;

		if (!hit)
			return false;
		from = (size_t)(hit - text.at);
		if (from > 0 && text.at[from - 1] != '\n')
			continue;
		end = from + len;
		*last = end + 2 <= text.len && memcmp(text.at + end, "--", 2) == 0;
		end += *last ? 2 : 0;
		while (end < text.len && (text.at[end] == ' ' || text.at[end] == '\t'))
			end++;
		if (end < text.len && text.at[end] != '\r')
			continue;	/* of a longer boundary, or text */
		*at = from;
		*behind = end + 2 < text.len ? end + 2 : text.len;
		return true;
	}
	return false;
}

static void read_child(struct reader *r, struct span part, size_t depth, bool in_digest)
{
	size_t fields = 0, body = 0;

	if (header_end(part, &fields, &body) < 0) {
		r->tree->exact = false;
		fields = body = 0;
	}
	read_part(r, span_of(part.at, fields), span_skip(part, body), depth, in_digest,
		  body == fields && body < part.len, fields == part.len);
}

/* The end of what stands before the delimiter at `at`, whose CRLF it is. */
static size_t before_delimiter(struct span body, size_t begin, size_t at, bool *exact)
{
	if (at >= begin + 2 && body.at[at - 2] == '\r')
		return at - 2;
	*exact = false;
	return at > begin ? at - 1 : begin;
}

/* The children of at[self]. Its index is used, since the array moves. */
static void read_multipart(struct reader *r, size_t self, struct span boundary, bool digest)
{
	struct entity_tree *tree = r->tree;
	struct span body = tree->at[self].body;
	size_t depth = tree->at[self].depth + 1, at, behind;
	bool last, more;

	more = find_delimiter(body, boundary, 0, &at, &behind, &last);
	tree->at[self].preamble = span_of(body.at, more ? at : body.len);
	tree->exact &= more && !last;
	while (more && !last) {
		size_t begin = behind, end;

		more = find_delimiter(body, boundary, begin, &at, &behind, &last);
		tree->exact &= more;
		end = more ? before_delimiter(body, begin, at, &tree->exact) : body.len;
		if (tree->n >= ENTITY_PARTS_MAX) {
			tree->exact = false;
			return;
		}
		read_child(r, span_of(body.at + begin, end - begin), depth, digest);
	}
	tree->at[self].epilogue = span_skip(body, more ? behind : body.len);
}

static enum entity_kind kind_of(const struct entity *e, struct span *boundary, bool *exact)
{
	const char *type = entity_type(e);
	const struct content_param *param;

	if (strcmp(type, "message/rfc822") == 0 || strcmp(type, "message/global") == 0) {
		*exact &= e->encoding < ENTITY_BASE64;
		return e->encoding < ENTITY_BASE64 ? ENTITY_MESSAGE : ENTITY_LEAF;
	}
	if (strncmp(type, "multipart/", 10) != 0)
		return ENTITY_LEAF;
	param = content_type_find(&e->type, "boundary");
	*boundary = span_trim(span_str(param ? param->value : NULL));
	if (!boundary->len || boundary->len > ENTITY_BOUNDARY_MAX ||
	    e->encoding >= ENTITY_BASE64) {
		*exact = false;
		return ENTITY_LEAF;
	}
	*exact &= boundary->len == strlen(param->value) && !param->odd;
	return ENTITY_MULTIPART;
}

static void read_part(struct reader *r, struct span fields, struct span body, size_t depth,
		      bool in_digest, bool ragged, bool headless)
{
	struct entity_tree *tree = r->tree;
	struct entity *e = add(r);
	size_t self = tree->n - 1;
	struct span boundary = { 0 };
	bool digest;

	e->fields = fields;
	e->body = body;
	e->depth = depth;
	e->ragged = ragged;
	e->headless = headless;
	tree->exact &= !ragged;
	e->encoding = encoding_of(fields, &tree->exact);
	type_of(fields, &e->type, &tree->exact);
	if (in_digest && !e->type.value)
		e->type.value = mem_strdup("message/rfc822");
	e->kind = kind_of(e, &boundary, &tree->exact);
	digest = content_type_is(&e->type, "multipart/digest");
	if (e->kind != ENTITY_LEAF && depth >= r->depth_max) {
		tree->exact &= r->depth_max < ENTITY_DEPTH_MAX;
		e->kind = ENTITY_LEAF;
	}
	if (e->kind == ENTITY_MULTIPART)
		read_multipart(r, self, boundary, digest);
	else if (e->kind == ENTITY_MESSAGE)
		read_child(r, body, depth + 1, false);
	tree->at[self].next = tree->n;
}

static void read_tree(struct span fields, struct span body, size_t depth_max,
		      struct entity_tree *tree)
{
	struct reader r = { .tree = tree, .depth_max = depth_max };

	*tree = (struct entity_tree){ .exact = true };
	read_part(&r, fields, body, 0, false, false, false);
}

void entity_read(struct span fields, struct span body, struct entity_tree *tree)
{
	read_tree(fields, body, ENTITY_DEPTH_MAX, tree);
}

void entity_read_root(struct span fields, struct span body, struct entity_tree *tree)
{
	read_tree(fields, body, 1, tree);
}

void entity_free(struct entity_tree *tree)
{
	for (size_t i = 0; i < tree->n; i++)
		content_type_free(&tree->at[i].type);
	free(tree->at);
	*tree = (struct entity_tree){ 0 };
}

const char *entity_type(const struct entity *entity)
{
	return entity->type.value ? entity->type.value : "text/plain";
}
