#include <stdlib.h>

#include <letterlock/address.h>

/* What is still to be read of the field body, and where the result goes. */
struct reader {
	struct span all;
	struct span rest;
	struct strs *list;
	size_t first;		/* list->n before us */
	struct err *err;
};

static int bad(const struct reader *r, const char *what)
{
	return err_set(r->err, ERR_REFUSED, "%s at octet %zu of an address list", what,
		       r->all.len - r->rest.len);
}

/* The next octet, or NUL at the end: no body that is read holds one. */
static char peek(const struct reader *r)
{
	return r->rest.len ? r->rest.at[0] : '\0';
}

static void advance(struct reader *r, size_t n)
{
	r->rest = span_skip(r->rest, n);
}

static bool take(struct reader *r, char c)
{
	if (peek(r) != c)
		return false;
	advance(r, 1);
	return true;
}

/* Only a fold may break the line: what follows any other is another field. */
static int check_octets(struct reader *r)
{
	for (; r->rest.len; advance(r, 1)) {
		struct span next = span_skip(r->rest, 1);
		char c = peek(r);

		if (c == '\r' && next.len > 1 && next.at[0] == '\n' &&
		    (next.at[1] == ' ' || next.at[1] == '\t'))
			advance(r, 2);
		else if ((c >= 0 && c < ' ' && c != '\t') || c == 0x7f)
			return bad(r, "a control character");
	}
	r->rest = r->all;
	return 0;
}

/* A comment, with those inside it; RFC 5322 3.2.2. Does not recurse. */
static int skip_comment(struct reader *r)
{
	size_t depth = 0;

	do {
		if (take(r, '('))
			depth++;
		else if (take(r, ')'))
			depth--;
		else
			advance(r, peek(r) == '\\' ? 2 : 1);
		if (depth && !r->rest.len)
			return bad(r, "an open comment");
	} while (depth);
	return 0;
}

/* Blanks, folds, comments. */
static int skip_cfws(struct reader *r)
{
	for (;;) {
		char c = peek(r);

		if (c == '(') {
			if (skip_comment(r) < 0)
				return -1;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			advance(r, 1);
		} else {
			return 0;
		}
	}
}

/* The length of the quoted string at the front, 0 when it has no end. */
static size_t quoted_len(struct span text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (text.at[i] == '\\')
			i++;
		else if (text.at[i] == '"')
			return i + 1;
	}
	return 0;
}

/*
 * The length of a run of octets that are neither blank nor mean anything in a
 * list. Display names hold all kinds of them (`[x] Bob`) that RFC 5322 wants
 * quoted; what counts is that none can be taken for an address.
 */
static size_t run_len(struct span text)
{
	size_t n = 0;

	while (n < text.len && !strchr(" \t\r\n()<>@,;:\\\"", text.at[n]))
		n++;
	return n;
}

/* The end of an address, where a blank, a comment or a separator stands. */
static size_t addr_len(struct span text)
{
	size_t n = text.len && text.at[0] == '"' ? quoted_len(text) : run_len(text);

	if (n == 0 || n >= text.len || text.at[n++] != '@')
		return 0;
	if (n < text.len && text.at[n] == '[')
		return n + span_find(span_skip(text, n), ']') + 1;
	return n + run_len(span_skip(text, n));
}

/* Takes the addr-spec at the front. Blanks and comments inside it (which RFC
 * 5322 allows) are refused: programs disagree on what it is then. */
static int take_addr(struct reader *r)
{
	size_t len = addr_len(r->rest);
	struct span addr = span_of(r->rest.at, len);

	if (len == 0 || len > r->rest.len || !address_valid(addr, true))
		return bad(r, "no valid address");
	/* An encoded word, which some programs would decode (RFC 2047 5). */
	for (size_t i = 0; i + 1 < len; i++)
		if (addr.at[i] == '=' && addr.at[i + 1] == '?')
			return bad(r, "an encoded word in an address");
	if (r->list->n - r->first == ADDRESS_LIST_MAX)
		return bad(r, "too many addresses");
	strs_add(r->list, addr);
	advance(r, len);
	return 0;
}

/* `@a,@b:` in front of the address, RFC 5322 4.4: read and not used. */
static int skip_route(struct reader *r)
{
	if (peek(r) != '@')
		return 0;
	while (!take(r, ':')) {
		size_t len;

		if (skip_cfws(r) < 0)
			return -1;
		if (take(r, ','))
			continue;
		len = take(r, '@') ? run_len(r->rest) : 0;
		if (len == 0)
			return bad(r, "a malformed route");
		advance(r, len);
		if (skip_cfws(r) < 0)
			return -1;
	}
	return skip_cfws(r);
}

/* Behind `<`. */
static int take_angle(struct reader *r)
{
	if (skip_cfws(r) < 0 || skip_route(r) < 0 || take_addr(r) < 0 || skip_cfws(r) < 0)
		return -1;
	return take(r, '>') ? skip_cfws(r) : bad(r, "no > behind an address");
}

/* The words of a display name. `some` tells whether there were any. */
static int skip_phrase(struct reader *r, bool *some)
{
	size_t len;

	for (*some = false;; *some = true) {
		if (skip_cfws(r) < 0)
			return -1;
		len = peek(r) == '"' ? quoted_len(r->rest) : run_len(r->rest);
		if (len == 0)
			return peek(r) == '"' ? bad(r, "an open quote") : 0;
		advance(r, len);
	}
}

/* An address or the head of a group, which sets `in_group`. */
static int take_entry(struct reader *r, bool *in_group)
{
	bool name;

	if (addr_len(r->rest))
		return take_addr(r) < 0 ? -1 : skip_cfws(r);
	if (skip_phrase(r, &name) < 0)
		return -1;
	if (take(r, '<'))
		return take_angle(r);
	if (!name || *in_group || !take(r, ':'))
		return bad(r, "no address");
	*in_group = true;
	return 0;
}

/* Entries with a comma between any two; RFC 5322 4.4 lets them be empty. */
static int take_list(struct reader *r)
{
	bool in_group = false, groups = false, may_start = true;

	for (;;) {
		if (skip_cfws(r) < 0)
			return -1;
		if (!r->rest.len)
			break;
		if (take(r, ',')) {
			may_start = true;
		} else if (in_group && take(r, ';')) {
			in_group = may_start = false;
		} else if (may_start) {
			bool was = in_group;

			if (take_entry(r, &in_group) < 0)
				return -1;
			may_start = in_group != was;
			groups |= in_group;
		} else {
			return bad(r, "no comma between two addresses");
		}
	}
	if (in_group)
		return bad(r, "an open group");
	if (!groups && r->list->n == r->first)
		return bad(r, "no address");
	return 0;
}

int address_list(struct span body, struct strs *list, struct err *err)
{
	struct reader r = { .all = body, .rest = body, .list = list,
			    .first = list->n, .err = err };

	if (check_octets(&r) == 0 && take_list(&r) == 0)
		return 0;
	while (list->n > r.first)
		free(list->at[--list->n]);
	return -1;
}
