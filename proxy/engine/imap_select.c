#include "proxy/engine/imap_select.h"

#include "proxy/engine/imap_token.h"

static bool is_number(struct span text)
{
	unsigned long long number;

	return span_number(text, &number);
}

static bool is_set(struct span text)
{
	struct imap_set set = { 0 };
	bool good = imap_set_read(&set, text, 0) == 0;

	imap_set_free(&set);
	return good;
}

static bool take_atom(struct span *rest, bool (*fits)(struct span text))
{
	struct imap_token token;

	return imap_token_next(rest, &token) == IMAP_TOKEN_ATOM && fits(token.text);
}

static bool take(struct span *rest, enum imap_token_kind kind)
{
	struct imap_token token;

	return imap_token_next(rest, &token) == kind;
}

/* Whether a token of that kind comes next: then it is taken. */
static bool take_if(struct span *rest, enum imap_token_kind kind)
{
	struct span behind = *rest;

	if (!take(&behind, kind))
		return false;
	*rest = behind;
	return true;
}

/* "(67 90 41,43:211 (1:3 2:5))": the set and the pair may be missing. */
static bool take_qresync(struct span *rest)
{
	struct imap_token token;
	struct span behind;

	if (!take(rest, IMAP_TOKEN_OPEN) || !take_atom(rest, is_number) ||
	    !take_atom(rest, is_number))
		return false;
	behind = *rest;
	if (imap_token_next(&behind, &token) == IMAP_TOKEN_ATOM) {
		if (!is_set(token.text))
			return false;
		*rest = behind;
	}
	if (take_if(rest, IMAP_TOKEN_OPEN) &&
	    !(take_atom(rest, is_set) && take_atom(rest, is_set) &&
	      take(rest, IMAP_TOKEN_CLOSE)))
		return false;
	return take(rest, IMAP_TOKEN_CLOSE);
}

bool imap_select_in_order(struct span text, bool qresync)
{
	struct imap_token token;
	unsigned n = 0;

	if (!text.len)
		return true;
	if (!take(&text, IMAP_TOKEN_OPEN))
		return false;
	while (imap_token_next(&text, &token) == IMAP_TOKEN_ATOM) {
		n++;
		if (qresync && span_is_nocase(token.text, "QRESYNC")) {
			if (!take_qresync(&text))
				return false;
		} else if (!span_is_nocase(token.text, "CONDSTORE")) {
			return false;
		}
	}
	return n && token.kind == IMAP_TOKEN_CLOSE && take(&text, IMAP_TOKEN_END);
}

enum imap_vanished imap_select_vanished(struct span text, struct imap_set *uids)
{
	static const char now[] = "VANISHED ", earlier[] = "VANISHED (EARLIER) ";
	struct imap_set set = { 0 };

	if (span_find(text, '*') < text.len)
		return IMAP_VANISHED_NOT;	/* nobody knows which that is */
	if (span_starts_nocase(text, earlier))
		return is_set(span_skip(text, sizeof(earlier) - 1)) ? IMAP_VANISHED_EARLIER
								     : IMAP_VANISHED_NOT;
	if (!span_starts_nocase(text, now) ||
	    imap_set_read(&set, span_skip(text, sizeof(now) - 1), 0) < 0)
		return IMAP_VANISHED_NOT;
	*uids = set;
	return IMAP_VANISHED_NOW;
}
