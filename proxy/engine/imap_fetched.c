#include "proxy/engine/imap_fetched.h"

#include "proxy/engine/imap_token.h"

bool imap_fetched_begin(struct span text, struct imap_fetched *fetched)
{
	static const char word[] = " FETCH (";
	size_t blank = span_find(text, ' ');
	unsigned long long number;

	if (!span_number(span_of(text.at, blank), &number) || !number ||
	    number > UINT32_MAX ||
	    !span_starts_nocase(span_skip(text, blank), word))
		return false;
	fetched->number = (uint32_t)number;
	fetched->rest = span_skip(text, blank + sizeof(word) - 1);
	return true;
}

/* A name ends at a blank that stands outside of brackets. */
static size_t name_length(struct span text)
{
	bool inside = false;
	size_t i;

	for (i = 0; i < text.len; i++) {
		if (text.at[i] == '[')
			inside = true;
		else if (text.at[i] == ']')
			inside = false;
		else if (text.at[i] == ' ' && !inside)
			break;
		else if (text.at[i] == '\r' || text.at[i] == '\n')
			return text.len;
	}
	return i;
}

/* Takes a list with all that is in it; how long it is, 0: it does not end. */
static size_t list_length(struct span text)
{
	struct span rest = text;
	struct imap_token token;
	unsigned depth = 0;

	for (;;) {
		switch (imap_token_next(&rest, &token)) {
		case IMAP_TOKEN_OPEN:
			if (++depth > IMAP_TOKEN_DEPTH_MAX)
				return 0;
			break;
		case IMAP_TOKEN_CLOSE:
			if (--depth == 0)
				return text.len - rest.len;
			break;
		case IMAP_TOKEN_ATOM:
		case IMAP_TOKEN_QUOTED:
		case IMAP_TOKEN_LITERAL:
			break;
		case IMAP_TOKEN_END:
		case IMAP_TOKEN_BAD:
			return 0;
		}
	}
}

/* "{n}CRLF" and nothing behind: its octets are to come in runs. */
static bool coming(struct span text)
{
	bool waits, binary;
	uint64_t size;

	return text.len > 2 && text.at[0] == '{' && text.at[text.len - 2] == '\r' &&
	       span_find(text, '}') == text.len - 3 &&
	       imap_token_announced(span_of(text.at, text.len - 2), &size, &waits,
				    &binary);
}

static int take_value(struct imap_fetched *f, struct imap_fetched_item *item)
{
	struct imap_token token;
	size_t len;

	if (f->rest.len && f->rest.at[0] == '(') {
		len = list_length(f->rest);
		item->kind = IMAP_FETCHED_LIST;
		item->value = span_of(f->rest.at, len);
		f->rest = span_skip(f->rest, len);
		return len ? 1 : -1;
	}
	if (f->rest.len && f->rest.at[0] == '~')
		f->rest = span_skip(f->rest, 1);	/* ~{n}: a literal all the same */
	if (coming(f->rest)) {
		item->kind = IMAP_FETCHED_COMING;
		item->value = f->rest = span_of(f->rest.at + f->rest.len, 0);
		return 1;
	}
	(void)imap_token_next(&f->rest, &token);
	item->value = token.text;
	item->kind = IMAP_FETCHED_STRING;
	if (token.kind == IMAP_TOKEN_ATOM)
		item->kind = span_is_nocase(token.text, "NIL") ? IMAP_FETCHED_NIL
								: IMAP_FETCHED_WORD;
	return token.kind == IMAP_TOKEN_ATOM || token.kind == IMAP_TOKEN_QUOTED ||
	       token.kind == IMAP_TOKEN_LITERAL ? 1 : -1;
}

int imap_fetched_next(struct imap_fetched *f, struct imap_fetched_item *item)
{
	size_t len;

	*item = (struct imap_fetched_item){ .kind = IMAP_FETCHED_NIL };
	while (f->rest.len && f->rest.at[0] == ' ')
		f->rest = span_skip(f->rest, 1);
	if (!f->rest.len || span_is(f->rest, ")"))
		return 0;
	len = name_length(f->rest);
	if (!len || len == f->rest.len)
		return -1;
	item->name = span_of(f->rest.at, len);
	f->rest = span_skip(f->rest, len + 1);
	return take_value(f, item);
}

uint32_t imap_fetched_number(const struct imap_fetched_item *item)
{
	unsigned long long number;

	if (item->kind != IMAP_FETCHED_WORD || !span_number(item->value, &number) ||
	    number > UINT32_MAX)
		return 0;
	return (uint32_t)number;
}
