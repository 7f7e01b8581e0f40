#include "policy/job/answers.h"

#include <string.h>

#include <letterlock/buf.h>
#include <letterlock/header.h>

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\r\n<>,", c);
}

/* Empties `id` into the list. */
static bool add(struct buf *id, struct strs *ids)
{
	struct span text = buf_span(id);
	bool fits = ids->n < ANSWERS_IDS_MAX && text.len <= ANSWERS_ID_MAX;
	bool encoded = text.len >= 2 && memcmp(text.at, "=?", 2) == 0;
	bool there = text.len == 0 || (ids->n > 0 && span_is(text, ids->at[ids->n - 1]));

	if (!there && fits)
		strs_add(ids, text);
	buf_clear(id);
	return (there || fits) && !encoded;
}

/* Each word, and words that blanks part (a fold within an id) put together: mail
 * clients write either. */
static bool read_ids(struct span body, struct strs *ids)
{
	struct buf word, joined;
	bool all = true;

	buf_init(&word, body.len + 1);
	buf_init(&joined, body.len + 1);
	for (size_t i = 0; i <= body.len; i++) {
		char c = i < body.len ? body.at[i] : ',';

		if (!ends_word(c)) {
			(void)buf_put(&word, span_of(&c, 1));
			(void)buf_put(&joined, span_of(&c, 1));
			continue;
		}
		all &= add(&word, ids);
		if (c == '<' || c == '>' || c == ',')
			all &= add(&joined, ids);
	}
	buf_free(&word);
	buf_free(&joined);
	return all;
}

static bool read_fields(struct span fields, const char *const *names, size_t n, struct strs *ids)
{
	struct header_field field;
	bool all = true;

	while (header_next(&fields, &field) == 1)
		for (size_t i = 0; i < n; i++)
			if (span_is_nocase(field.name, names[i]))
				all &= read_ids(field.body, ids);
	return all;
}

bool answers_named(struct span fields, struct strs *ids)
{
	static const char *const names[] = { "In-Reply-To", "References",
					     "X-Forwarded-Message-Id" };

	return read_fields(fields, names, sizeof(names) / sizeof(*names), ids);
}

bool answers_called(struct span fields, struct strs *ids)
{
	static const char *const names[] = { "Message-ID" };

	return read_fields(fields, names, 1, ids);
}
