#include "proxy/engine/imap_search_keys.h"

#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/engine/imap_token.h"

/* What follows the word of a key. */
enum arguments {
	NONE,
	ONE,		/* a string, date, number, flag or set */
	TEXT,		/* a string that is looked for in messages */
	FIELD,		/* a header field and a string */
	SIZE,
	MODSEQ,		/* perhaps an entry and its type, then a number */
	KEY,		/* another key */
	TWO_KEYS,
};

static const struct word {
	const char *word;
	enum arguments arguments;
	enum ask_find find;
	const char *field;
} words[] = {
	{ "ALL", NONE, 0, NULL },	{ "ANSWERED", NONE, 0, NULL },
	{ "DELETED", NONE, 0, NULL },	{ "DRAFT", NONE, 0, NULL },
	{ "FLAGGED", NONE, 0, NULL },	{ "NEW", NONE, 0, NULL },
	{ "OLD", NONE, 0, NULL },	{ "RECENT", NONE, 0, NULL },
	{ "SEEN", NONE, 0, NULL },	{ "UNANSWERED", NONE, 0, NULL },
	{ "UNDELETED", NONE, 0, NULL },	{ "UNDRAFT", NONE, 0, NULL },
	{ "UNFLAGGED", NONE, 0, NULL },	{ "UNSEEN", NONE, 0, NULL },
	{ "BEFORE", ONE, 0, NULL },	{ "ON", ONE, 0, NULL },
	{ "SINCE", ONE, 0, NULL },	{ "SENTBEFORE", ONE, 0, NULL },
	{ "SENTON", ONE, 0, NULL },	{ "SENTSINCE", ONE, 0, NULL },
	{ "KEYWORD", ONE, 0, NULL },	{ "UNKEYWORD", ONE, 0, NULL },
	{ "UID", ONE, 0, NULL },	{ "OLDER", ONE, 0, NULL },
	{ "YOUNGER", ONE, 0, NULL },	{ "MODSEQ", MODSEQ, 0, NULL },
	{ "BCC", TEXT, FIND_HEADER, "Bcc" },
	{ "CC", TEXT, FIND_HEADER, "Cc" },
	{ "FROM", TEXT, FIND_HEADER, "From" },
	{ "SUBJECT", TEXT, FIND_HEADER, "Subject" },
	{ "TO", TEXT, FIND_HEADER, "To" },
	{ "BODY", TEXT, FIND_BODY, NULL },
	{ "TEXT", TEXT, FIND_TEXT, NULL },
	{ "HEADER", FIELD, FIND_HEADER, NULL },
	{ "LARGER", SIZE, FIND_LARGER, NULL },
	{ "SMALLER", SIZE, FIND_SMALLER, NULL },
	{ "NOT", KEY, 0, NULL },	{ "OR", TWO_KEYS, 0, NULL },
};

struct reader {
	struct span rest;
	struct imap_search_keys *keys;
	size_t seen;
	bool opened;	/* a parenthesis was the last token: no blank is due */
};

/* As imap_token_next(), but without a blank where one is due it is BAD: what is
 * put in the place of a key must not run into its neighbours. */
static enum imap_token_kind next(struct reader *r, struct imap_token *token)
{
	bool due = !r->opened;

	(void)imap_token_next(&r->rest, token);
	r->opened = token->kind == IMAP_TOKEN_OPEN;
	if (due && !token->spaced && token->kind != IMAP_TOKEN_CLOSE &&
	    token->kind != IMAP_TOKEN_END)
		token->kind = IMAP_TOKEN_BAD;
	return token->kind;
}

static char *take_string(struct reader *r)
{
	struct imap_token token;

	(void)next(r, &token);
	return imap_token_string(&token);
}

static const struct word *word_of(struct span text)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_is_nocase(text, words[i].word))
			return &words[i];
	return NULL;
}

/* "1:3,7,*" or "$" stands for itself. */
static bool is_set(struct span text)
{
	if (span_is(text, "$"))
		return true;
	for (size_t i = 0; i < text.len; i++)
		if (!text.at[i] || !strchr("0123456789:,*", text.at[i]))
			return false;
	return text.len > 0;
}

static bool is_string(const struct imap_token *token)
{
	return token->kind == IMAP_TOKEN_ATOM || token->kind == IMAP_TOKEN_QUOTED ||
	       token->kind == IMAP_TOKEN_LITERAL;
}

static int skip_string(struct reader *r)
{
	struct imap_token token;

	(void)next(r, &token);
	return is_string(&token) ? 0 : -1;
}

static int read_modseq(struct reader *r)
{
	struct imap_token token;

	(void)next(r, &token);
	if (token.kind == IMAP_TOKEN_QUOTED)
		return skip_string(r) < 0 ? -1 : skip_string(r);
	return is_string(&token) ? 0 : -1;
}

/* A key that looks into messages, which begins at `begin`. */
static int read_content(struct reader *r, const struct word *word, const char *begin)
{
	struct imap_search_keys *keys = r->keys;
	struct imap_search_key *key;
	struct imap_token token;
	unsigned long long number;

	if (keys->n == IMAP_SEARCH_KEYS_MAX)
		return -1;
	key = &keys->at[keys->n++];
	*key = (struct imap_search_key){ .find = word->find };
	if (word->arguments == SIZE) {
		if (next(r, &token) != IMAP_TOKEN_ATOM ||
		    !span_number(token.text, &number))
			return -1;
		key->number = number;
	} else {
		key->field = word->field ? mem_strdup(word->field) : NULL;
		if (word->arguments == FIELD)
			key->field = take_string(r);
		key->text = take_string(r);
		if (!key->text || (word->find == FIND_HEADER && !key->field))
			return -1;
	}
	key->raw = span_of(begin, (size_t)(r->rest.at - begin));
	return 0;
}

static int read_key(struct reader *r, size_t depth);

/* Behind its parenthesis, with that at its end. */
static int read_list(struct reader *r, size_t depth)
{
	struct reader before;
	struct imap_token token;

	do {
		if (read_key(r, depth) < 0)
			return -1;
		before = *r;
		(void)next(r, &token);
		if (token.kind == IMAP_TOKEN_CLOSE)
			return 0;
		*r = before;
	} while (token.kind != IMAP_TOKEN_END);
	return -1;
}

static int read_key(struct reader *r, size_t depth)
{
	struct imap_token token;
	const struct word *word;

	if (depth == IMAP_SEARCH_DEPTH_MAX || ++r->seen > IMAP_SEARCH_WORDS_MAX)
		return -1;
	if (next(r, &token) == IMAP_TOKEN_OPEN)
		return read_list(r, depth + 1);
	if (token.kind != IMAP_TOKEN_ATOM)
		return -1;
	word = word_of(token.text);
	if (!word)
		return is_set(token.text) ? 0 : -1;
	switch (word->arguments) {
	case NONE:
		return 0;
	case ONE:
		return skip_string(r);
	case TEXT:
	case FIELD:
	case SIZE:
		return read_content(r, word, token.raw.at);
	case MODSEQ:
		return read_modseq(r);
	case KEY:
		return read_key(r, depth + 1);
	case TWO_KEYS:
		return read_key(r, depth + 1) < 0 ? -1 : read_key(r, depth + 1);
	}
	return -1;
}

/* "(...)", balanced. */
static int skip_parentheses(struct reader *r)
{
	struct imap_token token;
	size_t depth = 1;

	if (next(r, &token) != IMAP_TOKEN_OPEN)
		return -1;
	while (depth > 0) {
		(void)next(r, &token);
		if (token.kind == IMAP_TOKEN_OPEN)
			depth++;
		else if (token.kind == IMAP_TOKEN_CLOSE)
			depth--;
		else if (token.kind == IMAP_TOKEN_END || token.kind == IMAP_TOKEN_BAD)
			return -1;
	}
	return 0;
}

static int read_charset(struct reader *r)
{
	char *charset = take_string(r);
	struct span name = span_str(charset);

	r->keys->foreign = !span_is_nocase(name, "UTF-8") && !span_is_nocase(name, "US-ASCII");
	free(charset);
	return charset ? 0 : -1;
}

/* Takes `word` off when it stands next. */
static bool take_word(struct reader *r, const char *word)
{
	struct reader before = *r;
	struct imap_token token;

	if (next(r, &token) == IMAP_TOKEN_ATOM &&
	    span_is_nocase(token.text, word))
		return true;
	*r = before;
	return false;
}

static int read_front(struct reader *r, enum imap_search_kind kind)
{
	if (kind == IMAP_SORT || kind == IMAP_THREAD) {
		if (take_word(r, "RETURN") && skip_parentheses(r) < 0)
			return -1;
		if ((kind == IMAP_SORT ? skip_parentheses(r) : skip_string(r)) < 0)
			return -1;
		return read_charset(r);
	}
	if (take_word(r, "RETURN") && skip_parentheses(r) < 0)
		return -1;
	return take_word(r, "CHARSET") ? read_charset(r) : 0;
}

int imap_search_keys_read(struct span args, enum imap_search_kind kind,
			  struct imap_search_keys *keys)
{
	struct reader r = { .rest = args, .keys = keys };
	struct imap_token token;

	*keys = (struct imap_search_keys){ 0 };
	if (read_front(&r, kind) < 0)
		goto bad;
	keys->program = r.rest;
	do {
		struct reader before;

		if (read_key(&r, 0) < 0)
			goto bad;
		before = r;
		(void)next(&r, &token);
		if (token.kind != IMAP_TOKEN_END)
			r = before;
	} while (token.kind != IMAP_TOKEN_END && token.kind != IMAP_TOKEN_BAD);
	if (token.kind == IMAP_TOKEN_END)
		return 0;
bad:
	imap_search_keys_free(keys);
	return -1;
}

void imap_search_keys_free(struct imap_search_keys *keys)
{
	for (size_t i = 0; i < keys->n; i++) {
		free(keys->at[i].field);
		if (keys->at[i].text)
			secret_erase(keys->at[i].text, strlen(keys->at[i].text));
		free(keys->at[i].text);
	}
	*keys = (struct imap_search_keys){ 0 };
}

/* What upstream says of messages with a view does not count. */
static int put_key(struct span key, struct span all, struct span found, struct buf *out)
{
	if (!all.len)
		return buf_put(out, key);
	if (buf_puts(out, found.len ? "(OR (NOT UID " : "(NOT UID ") < 0 ||
	    buf_put(out, all) < 0 || buf_puts(out, " ") < 0 || buf_put(out, key) < 0)
		return -1;
	if (!found.len)
		return buf_puts(out, ")");
	return buf_puts(out, ") UID ") < 0 || buf_put(out, found) < 0 ? -1 : buf_puts(out, ")");
}

static int put_found(struct span found, struct buf *out)
{
	if (!found.len)
		return buf_puts(out, "NOT ALL");
	return buf_puts(out, "UID ") < 0 ? -1 : buf_put(out, found);
}

/* The program with each key answered, `all` NULL: as among views alone. */
static int put_program(const struct imap_search_keys *keys, const struct span *all,
		       const struct span *found, struct buf *out)
{
	struct span rest = keys->program;

	for (size_t i = 0; i < keys->n; i++) {
		struct span raw = keys->at[i].raw;

		if (buf_put(out, span_of(rest.at, (size_t)(raw.at - rest.at))) < 0 ||
		    (all ? put_key(raw, all[i], found[i], out)
			 : put_found(found[i], out)) < 0)
			return -1;
		rest = span_skip(rest, (size_t)(raw.at + raw.len - rest.at));
	}
	return buf_put(out, rest);
}

/* With so many keys it is shorter to say the views twice. */
static bool alike(const struct imap_search_keys *keys, const struct span *all)
{
	for (size_t i = 1; i < keys->n; i++)
		if (!span_eq(all[i], all[0]))
			return false;
	return keys->n > 2 && all[0].len;
}

/* "OR (NOT UID all program) (UID all what-was-found-in-its-place)" */
static int put_apart(const struct imap_search_keys *keys, struct span all,
		     const struct span *found, struct buf *out)
{
	if (buf_puts(out, " OR (NOT UID ") < 0 || buf_put(out, all) < 0 ||
	    buf_put(out, keys->program) < 0 || buf_puts(out, ") (UID ") < 0 ||
	    buf_put(out, all) < 0 || put_program(keys, NULL, found, out) < 0)
		return -1;
	return buf_puts(out, ")");
}

int imap_search_keys_put(struct span args, const struct imap_search_keys *keys,
			 const struct span *all, const struct span *found, struct buf *out)
{
	if (buf_put(out, span_of(args.at, (size_t)(keys->program.at - args.at))) < 0)
		return -1;
	return alike(keys, all) ? put_apart(keys, all[0], found, out)
				: put_program(keys, all, found, out);
}
