#include "proxy/engine/imap_fetch_items.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_token.h"

enum { SINCE_DIGITS = 20 };

/* Items that are a word. Macros stand for several. */
static const struct word {
	const char *name;
	enum imap_fetch_kind kind;
	enum imap_fetch_text text;
	bool seen;
} words[] = {
	{ "FLAGS", IMAP_FETCH_FLAGS, IMAP_FETCH_ALL, false },
	{ "UID", IMAP_FETCH_UID, IMAP_FETCH_ALL, false },
	{ "INTERNALDATE", IMAP_FETCH_INTERNALDATE, IMAP_FETCH_ALL, false },
	{ "MODSEQ", IMAP_FETCH_MODSEQ, IMAP_FETCH_ALL, false },
	{ "RFC822.SIZE", IMAP_FETCH_SIZE, IMAP_FETCH_ALL, false },
	{ "ENVELOPE", IMAP_FETCH_ENVELOPE, IMAP_FETCH_ALL, false },
	{ "BODYSTRUCTURE", IMAP_FETCH_BODYSTRUCTURE, IMAP_FETCH_ALL, false },
	{ "BODY", IMAP_FETCH_BODY, IMAP_FETCH_ALL, false },
	{ "RFC822", IMAP_FETCH_SECTION, IMAP_FETCH_ALL, true },
	{ "RFC822.HEADER", IMAP_FETCH_SECTION, IMAP_FETCH_HEADER, false },
	{ "RFC822.TEXT", IMAP_FETCH_SECTION, IMAP_FETCH_TEXT, true },
};

/* Items with a section, and how an answer names them. */
static const struct sectioned {
	const char *name, *answer;
	enum imap_fetch_kind kind;
	bool seen;
} sectioned[] = {
	{ "BODY", "BODY", IMAP_FETCH_SECTION, true },
	{ "BODY.PEEK", "BODY", IMAP_FETCH_SECTION, false },
	{ "BINARY", "BINARY", IMAP_FETCH_BINARY, true },
	{ "BINARY.PEEK", "BINARY", IMAP_FETCH_BINARY, false },
	{ "BINARY.SIZE", "BINARY.SIZE", IMAP_FETCH_BINARY_SIZE, false },
};

static const struct {
	const char *name, *items;
} macros[] = {
	{ "FAST", "FLAGS INTERNALDATE RFC822.SIZE" },
	{ "ALL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE" },
	{ "FULL", "FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY" },
};

static bool letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '.';
}

/* Takes a word of letters, digits and dots. */
static struct span take_word(struct span *rest)
{
	size_t len = 0;
	struct span word;

	while (len < rest->len && letter(rest->at[len]))
		len++;
	word = span_of(rest->at, len);
	*rest = span_skip(*rest, len);
	return word;
}

static bool take_char(struct span *rest, char c)
{
	if (!rest->len || rest->at[0] != c)
		return false;
	*rest = span_skip(*rest, 1);
	return true;
}

static bool take_number(struct span *rest, uint64_t *number)
{
	unsigned long long value;
	size_t len = 0;

	while (len < rest->len && rest->at[len] >= '0' && rest->at[len] <= '9')
		len++;
	if (!span_number(span_of(rest->at, len), &value) || value > UINT32_MAX)
		return false;
	*number = value;
	*rest = span_skip(*rest, len);
	return true;
}

/* "1.2." and "1.2" before a word or the end of a section. */
static bool read_path(struct span *spec, struct imap_fetch_item *item)
{
	uint64_t number;

	while (spec->len && spec->at[0] >= '0' && spec->at[0] <= '9') {
		if (item->path_n == IMAP_FETCH_PATH_MAX || spec->at[0] == '0' ||
		    !take_number(spec, &number))
			return false;
		item->path[item->path_n++] = (uint32_t)number;
		if (!spec->len)
			return true;
		if (!take_char(spec, '.') || !spec->len)
			return false;
	}
	return true;
}

static bool read_text(struct span word, struct imap_fetch_item *item)
{
	static const struct {
		const char *name;
		enum imap_fetch_text text;
	} texts[] = {
		{ "", IMAP_FETCH_ALL },
		{ "HEADER", IMAP_FETCH_HEADER },
		{ "HEADER.FIELDS", IMAP_FETCH_FIELDS },
		{ "HEADER.FIELDS.NOT", IMAP_FETCH_FIELDS_NOT },
		{ "TEXT", IMAP_FETCH_TEXT },
		{ "MIME", IMAP_FETCH_MIME },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		if (!span_is_nocase(word, texts[i].name))
			continue;
		item->text = texts[i].text;
		return item->text != IMAP_FETCH_MIME || item->path_n;
	}
	return false;
}

/* " (A "B")": names of fields, at least one; `names`: how many there are. */
static bool read_fields(struct span *rest, struct imap_fetch_item *item, size_t *names)
{
	struct imap_token token;

	if (imap_token_next(rest, &token) != IMAP_TOKEN_OPEN || !token.spaced)
		return false;
	item->fields = *rest;
	for (;;) {
		switch (imap_token_next(rest, &token)) {
		case IMAP_TOKEN_ATOM:
		case IMAP_TOKEN_QUOTED:
		case IMAP_TOKEN_LITERAL:
			++*names;
			break;
		case IMAP_TOKEN_CLOSE:
			item->fields.len = (size_t)(token.raw.at - item->fields.at);
			return *names > 0;
		case IMAP_TOKEN_OPEN:
		case IMAP_TOKEN_END:
		case IMAP_TOKEN_BAD:
			return false;
		}
	}
}

static bool read_partial(struct span *rest, struct imap_fetch_item *item)
{
	if (!take_char(rest, '<'))
		return true;
	item->partial = true;
	return take_number(rest, &item->offset) && take_char(rest, '.') &&
	       take_number(rest, &item->count) && item->count &&
	       take_char(rest, '>');
}

/* "[1.HEADER.FIELDS (A)]<0.5>" behind BODY or its like; what is decoded is all
 * of a part. */
static bool read_section(struct span *rest, struct imap_fetch_item *item, size_t *names)
{
	struct span from = *rest, spec;

	if (!take_char(rest, '['))
		return false;
	spec = take_word(rest);
	if (!read_path(&spec, item) || !read_text(spec, item))
		return false;
	if ((item->text == IMAP_FETCH_FIELDS || item->text == IMAP_FETCH_FIELDS_NOT) &&
	    !read_fields(rest, item, names))
		return false;
	if (!take_char(rest, ']'))
		return false;
	item->section = span_of(from.at, (size_t)(rest->at - from.at));
	if (item->kind != IMAP_FETCH_SECTION && item->text != IMAP_FETCH_ALL)
		return false;
	return item->kind == IMAP_FETCH_BINARY_SIZE || read_partial(rest, item);
}

static bool read_sectioned(struct span word, struct span *rest, struct imap_fetch_item *item,
			   size_t *names)
{
	for (size_t i = 0; i < sizeof(sectioned) / sizeof(*sectioned); i++) {
		if (!span_is_nocase(word, sectioned[i].name))
			continue;
		item->kind = sectioned[i].kind;
		item->seen = sectioned[i].seen;
		item->name = span_str(sectioned[i].answer);
		return read_section(rest, item, names);
	}
	return false;
}

static bool read_item(struct span *rest, struct imap_fetch_items *items)
{
	struct span word = take_word(rest);
	struct imap_fetch_item *item;
	size_t names = 0;

	if (items->n == IMAP_FETCH_ITEMS_MAX)
		return false;
	items->at = mem_one_more(items->at, items->n, sizeof(*items->at));
	item = &items->at[items->n];
	*item = (struct imap_fetch_item){ .kind = IMAP_FETCH_SECTION };
	if (rest->len && rest->at[0] == '[') {
		if (!read_sectioned(word, rest, item, &names))
			return false;
		items->names += names;
		if (items->names > IMAP_FETCH_NAMES_MAX)
			return false;
		goto found;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!span_is_nocase(word, words[i].name))
			continue;
		item->kind = words[i].kind;
		item->text = words[i].text;
		item->seen = words[i].seen;
		item->name = span_str(words[i].name);
		goto found;
	}
	return false;
found:
	items->n++;
	items->content |= item->kind >= IMAP_FETCH_SIZE;
	items->seen |= item->seen;
	items->binary |= item->kind >= IMAP_FETCH_BINARY;
	return true;
}

static bool read_items(struct span text, struct imap_fetch_items *items)
{
	do {
		if (!read_item(&text, items))
			return false;
	} while (take_char(&text, ' '));
	return !text.len;
}

/* Where " VANISHED" begins that ends in front of `end`; `end` without it. */
static size_t skip_vanished(struct span text, size_t end)
{
	static const char word[] = " VANISHED";
	size_t len = sizeof(word) - 1;

	return end >= len && span_is_nocase(span_of(text.at + end - len, len), word) ? end - len
										      : end;
}

/* Takes " (CHANGEDSINCE 5)" and " (CHANGEDSINCE 5 VANISHED)" off the end; no list
 * of fields ends there. */
static struct span take_since(struct span *text)
{
	static const char begin[] = " (CHANGEDSINCE ";
	size_t len = sizeof(begin) - 1, at = text->len, end;
	struct span since;

	if (!at || text->at[at - 1] != ')')
		return span_of("", 0);
	at = end = skip_vanished(*text, at - 1);
	while (at && text->at[at - 1] >= '0' && text->at[at - 1] <= '9')
		at--;
	if (at == end || end - at > SINCE_DIGITS || at < len ||
	    !span_starts_nocase(span_skip(*text, at - len), begin))
		return span_of("", 0);
	since = span_skip(*text, at - len);
	text->len -= since.len;
	return since;
}

/* What is asked with CHANGEDSINCE is told with MODSEQ (RFC 7162 3.1.4.1). */
static bool add_modseq(struct imap_fetch_items *items)
{
	static const char modseq[] = "MODSEQ";
	struct span text = span_str(modseq);

	if (!items->since.len)
		return true;
	for (size_t i = 0; i < items->n; i++)
		if (items->at[i].kind == IMAP_FETCH_MODSEQ)
			return true;
	return read_item(&text, items);
}

void imap_fetch_items_free(struct imap_fetch_items *items)
{
	free(items->at);
	*items = (struct imap_fetch_items){ 0 };
}

static int read_all(struct span args, struct span *set, struct imap_fetch_items *items)
{
	struct span text;

	if (!take_char(&args, ' '))
		return -1;
	*set = span_of(args.at, span_find(args, ' '));
	text = span_skip(args, set->len + 1);
	items->since = take_since(&text);
	if (!set->len || !text.len)
		return -1;
	if (text.at[0] == '(') {
		if (text.len < 2 || text.at[text.len - 1] != ')')
			return -1;
		text = span_of(text.at + 1, text.len - 2);
		return read_items(text, items) && add_modseq(items) ? 0 : -1;
	}
	for (size_t i = 0; i < sizeof(macros) / sizeof(*macros); i++)
		if (span_is_nocase(text, macros[i].name))
			text = span_str(macros[i].items);
	return read_items(text, items) && add_modseq(items) ? 0 : -1;
}

int imap_fetch_items_read(struct span args, struct span *set,
			  struct imap_fetch_items *items)
{
	*items = (struct imap_fetch_items){ .since = { "", 0 } };
	if (read_all(args, set, items) == 0)
		return 0;
	imap_fetch_items_free(items);
	return -1;
}

/* As it was said, but for literals: of a server none goes unasked as {n+} may (RFC
 * 9051 4.3). */
static int put_section(const struct imap_fetch_item *item, struct buf *out)
{
	struct span section = item->section, rest = item->fields;
	struct imap_token token;

	if (span_find(section, '\r') == section.len)
		return buf_put(out, section);
	if (buf_put(out, span_of(section.at, (size_t)(rest.at - section.at))) < 0)
		return -1;
	while (imap_token_next(&rest, &token) != IMAP_TOKEN_END && token.kind != IMAP_TOKEN_BAD)
		if ((token.spaced && buf_puts(out, " ") < 0) ||
		    (token.kind == IMAP_TOKEN_LITERAL ? imap_token_put(out, token.text)
						      : buf_put(out, token.raw)) < 0)
			return -1;
	return buf_puts(out, ")]");
}

int imap_fetch_items_put_name(const struct imap_fetch_item *item, struct buf *out)
{
	if (buf_put(out, item->name) < 0 || put_section(item, out) < 0)
		return -1;
	return item->partial ? buf_printf(out, "<%llu>", (unsigned long long)item->offset)
			     : 0;
}
