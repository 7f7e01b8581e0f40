#include <letterlock/claim.h>

#include <ctype.h>
#include <string.h>

#include <letterlock/header.h>

static const char verdict[] = "X-Letterlock", results[] = "Authentication-Results";

/* What many a reader drops, wherever it stands: NULs and the like. */
static bool no_text(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f;
}

enum begins {
	OTHERWISE,
	CUT,		/* and that was all */
	WHOLE,
};

/* How far `text` begins with `word`, to such a reader; `end`: behind it. */
static enum begins begins(struct span text, const char *word, size_t *end)
{
	size_t at;

	for (at = 0; at < text.len && *word; at++) {
		if (no_text(text.at[at]))
			continue;
		if (!span_eq_nocase(span_of(text.at + at, 1), span_of(word, 1)))
			return OTHERWISE;
		word++;
	}
	while (at < text.len && no_text(text.at[at]))
		at++;
	*end = at;
	return *word ? CUT : WHOLE;
}

static bool is_name(struct span name, const char *word)
{
	size_t end;

	return begins(name, word, &end) == WHOLE && end == name.len;
}

static bool skipped(char c)
{
	return c == '\\' || no_text(c);
}

static bool word_char(char c)
{
	return isalnum((unsigned char)c) || c == '.' || c == '-' || c == '_';
}

/* The authserv-id ends at the first ";" outside of comments and quotes. */
static size_t id_end(struct span body)
{
	size_t depth = 0, at;
	bool quoted = false;

	for (at = 0; at < body.len; at++) {
		char c = body.at[at];

		if (c == '\\')
			at++;
		else if (c == '"' && !depth)
			quoted = !quoted;
		else if (c == '(' && !quoted)
			depth++;
		else if (c == ')' && !quoted && depth)
			depth--;
		else if (c == ';' && !quoted && !depth)
			break;
	}
	return at < body.len ? at : body.len;
}

/* Whether `hostname` begins at the front of `text`, backslashes and what is no text left
 * out. */
static bool word_is(struct span text, const char *hostname)
{
	size_t at = 0, len = strlen(hostname), i;

	for (i = 0; i < len; i++, at++) {
		while (at < text.len && skipped(text.at[at]))
			at++;
		if (at >= text.len || !span_eq_nocase(span_of(text.at + at, 1),
						      span_of(hostname + i, 1)))
			return false;
	}
	return at >= text.len || (!word_char(text.at[at]) && text.at[at] != '\\');
}

static bool names(struct span body, const char *hostname)
{
	struct span id = span_of(body.at, id_end(body));

	/* behind a run of what is skipped, not at each of it: a sender may write any number */
	for (size_t at = 0; at < id.len; at++)
		if ((at == 0 || !word_char(id.at[at - 1])) && !skipped(id.at[at]) &&
		    word_is(span_skip(id, at), hostname))
			return true;
	return false;
}

bool claim_forged(struct span name, struct span body, const char *hostname)
{
	return is_name(name, verdict) || (is_name(name, results) && names(body, hostname));
}

bool claim_may_begin(struct span line)
{
	size_t end;

	return line.len && (begins(line, verdict, &end) != OTHERWISE ||
			    begins(line, results, &end) != OTHERWISE);
}

/* How many octets of stray CRs, with the LF behind them, begin `rest`. Only CRLF
 * and LF are an empty line to everybody: to who ends lines at LF, what follows
 * more CRs is of the header, still. */
static size_t stray_line(struct span rest)
{
	size_t n = 0;

	while (n < rest.len && rest.at[n] == '\r')
		n++;
	if (n == rest.len || rest.at[n] != '\n')
		return n;
	return n > 1 ? n + 1 : 0;
}

/* Where the line that begins `rest` ends, and where the next one begins. */
static void end_loose(struct span rest, size_t from, size_t *end, size_t *next)
{
	while (from < rest.len && rest.at[from] != '\r' && rest.at[from] != '\n')
		from++;
	*end = from;
	*next = from < rest.len ? from + 1 : from;
	if (*next < rest.len && rest.at[from] == '\r' && rest.at[*next] == '\n')
		*next += 1;
}

/* The next field by whoever ends lines at CR or LF; false: the header ends. */
static bool next_loose(struct span *rest, struct span *field)
{
	size_t len = 0, next = stray_line(*rest);

	if (!next && (!rest->len || rest->at[0] == '\r' || rest->at[0] == '\n'))
		return false;
	if (!next)
		do
			end_loose(*rest, next, &len, &next);
		while (next < rest->len &&
		       (rest->at[next] == ' ' || rest->at[next] == '\t'));
	*field = span_of(rest->at, len);
	*rest = span_skip(*rest, next);
	return true;
}

bool claim_next(struct span *rest, const char *hostname, struct span *field, bool *forged)
{
	const char *begin = rest->at;
	struct span line;
	size_t colon;

	if (!next_loose(rest, &line))
		return false;
	*field = span_of(begin, (size_t)(rest->at - begin));
	colon = span_find(line, ':');
	*forged = claim_forged(span_trim(span_of(line.at, colon)), span_skip(line, colon + 1),
			       hostname);
	return true;
}

bool claim_borne(struct span message, const char *hostname)
{
	struct span rest = message, raw;
	struct header_field field;
	bool forged;

	while (header_next(&rest, &field) == 1)
		if (claim_forged(field.name, field.body, hostname))
			return true;
	while (claim_next(&message, hostname, &raw, &forged))
		if (forged)
			return true;
	return false;
}

bool claim_within(struct span text, const char *hostname)
{
	enum { ID_MAX = 1000 };		/* octets; whatever is longer may name anybody */

	for (size_t at = 0; at < text.len; at++) {
		struct span rest = span_skip(text, at), id;
		size_t end;

		if (no_text(*rest.at))
			continue;	/* a run of it is read once */
		if (begins(rest, verdict, &end) == WHOLE)
			return true;
		if (begins(rest, results, &end) != WHOLE)
			continue;
		id = span_skip(rest, end);
		id.len = id.len < ID_MAX ? id.len : ID_MAX;
		if (id_end(id) == id.len || names(id, hostname))
			return true;
	}
	return false;
}
