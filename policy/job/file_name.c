#include "policy/job/file_name.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/buf.h>
#include <letterlock/encoded_word.h>
#include <letterlock/mem.h>

#include "policy/job/content_type.h"
#include "policy/job/decode.h"
#include "policy/job/param_pieces.h"

static void add_once(struct span name, struct strs *names)
{
	if (name.len > 0 && !strs_has_nocase(names, name))
		strs_add(names, name);
}

void file_name_add(struct span name, struct strs *names)
{
	add_once(name, names);
	while (name.len > 0 && strchr(". \t", name.at[name.len - 1]))
		name.len--;
	add_once(name, names);
}

/* As clients show it, who decode words in it, too. */
static bool add_plain(struct span value, struct strs *names)
{
	bool exact = true;
	char *name = encoded_word_decode(value, &exact);

	file_name_add(span_str(name), names);
	free(name);
	return exact;
}

/* Of a bare value with blanks some clients take the first word, some all. */
static bool add_both(struct span value, struct strs *names)
{
	size_t word = 0;
	bool exact;

	while (word < value.len && value.at[word] != ' ' && value.at[word] != '\t')
		word++;
	exact = add_plain(value, names);
	return add_plain(span_of(value.at, word), names) && exact;
}

/* The octets of all pieces, false when there are too many; `charset` is what the
 * first one says, or empty. */
static bool join(const struct content_type *type, struct span base, size_t n,
		 struct span *charset, struct buf *octets)
{
	bool extended, whole = true;

	*charset = span_of(NULL, 0);
	for (size_t i = 0; i < n; i++) {
		const char *text = param_pieces_at(type, base, i, &extended)->value;
		struct span value = span_str(text);
		size_t end = span_find(value, '\'');

		/* charset'language'text */
		if (i == 0 && extended && end < value.len) {
			size_t skip = end + 1 + span_find(span_skip(value, end + 1), '\'');

			*charset = span_of(value.at, end);
			value = span_skip(value, skip + 1);
		}
		whole &= extended ? param_pieces_decode(value, octets) == 0
				  : buf_put(octets, value) == 0;
	}
	return whole;
}

static bool add_pieces(const struct content_type *type, struct span base, struct strs *names)
{
	bool any_extended, exact;
	size_t n = param_pieces_count(type, base, &any_extended);
	struct buf octets, text;
	struct span charset;
	char *name;

	if (n == 0)
		return false;	/* a piece is missing, or there twice */
	buf_init(&octets, FILE_NAME_MAX);
	buf_init(&text, 4 * FILE_NAME_MAX);
	exact = join(type, base, n, &charset, &octets);
	name = charset.len ? span_dup(charset) : NULL;
	if (decode_charset(buf_span(&octets), name, &text, &exact) < 0)
		exact = false;
	/* some clients decode words here, too */
	exact &= add_plain(buf_span(&text), names);
	free(name);
	buf_free(&octets);
	buf_free(&text);
	return exact;
}

bool file_name_read(const struct content_type *type, const char *base, struct strs *names)
{
	bool exact = !type->stray;

	for (size_t i = 0; i < type->n; i++)
		if (span_is_nocase(type->params[i].name, base))
			exact &= add_both(span_str(type->params[i].value), names);
	if (content_type_extended(type, base))
		exact &= add_pieces(type, span_str(base), names);
	return exact;
}
