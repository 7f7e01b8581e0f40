#include "proxy/engine/imap_response.h"

#include "proxy/engine/imap_client.h"
#include "proxy/engine/imap_token.h"

enum { HELD_MAX = IMAP_CLIENT_HELD_MAX };

/* How a stretch of text ended. */
enum stop { STOP_DRY, STOP_LINE, STOP_FULL, STOP_BAD };

void imap_response_init(struct imap_response *r)
{
	*r = (struct imap_response){ 0 };
	buf_init(&r->held, HELD_MAX + 2);
}

void imap_response_done(struct imap_response *r)
{
	buf_wipe(&r->held);
}

static enum imap_response_kind bad(struct err *err, const char *what)
{
	err_set(err, ERR_PEER, "%s in a response", what);
	return IMAP_RESPONSE_BAD;
}

/* How many octets of text stand before a CRLF, at most `max` of them. */
static enum stop measure(struct span seen, size_t max, size_t *len)
{
	size_t i;

	for (i = 0; i < seen.len; i++) {
		char c = seen.at[i];

		*len = i;
		if (c == '\r' && i + 1 == seen.len)
			return STOP_DRY;
		if (c == '\r')
			return seen.at[i + 1] == '\n' ? STOP_LINE : STOP_BAD;
		if (c == '\0' || c == '\n')
			return STOP_BAD;
		if (i == max)
			return STOP_FULL;
	}
	*len = i;
	return STOP_DRY;
}

/*
 * RFC 9051 7.1, 7.5 and 9: status responses, tagged ones and `+` end in text, in which
 * nothing is a literal; nor has what consists of atoms and numbers any.
 */
static enum imap_response_literals literals_of(struct span response)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE", "PREAUTH" };
	static const char *const without[] = {
		"CAPABILITY", "ENABLED", "ESEARCH", "FLAGS", "SEARCH", "SORT", "THREAD", "VANISHED",
	};
	struct span word = span_skip(response, 2);

	word.len = span_find(word, ' ');
	if (!span_starts_nocase(response, "* "))
		return IMAP_RESPONSE_WORDS;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (span_is_nocase(word, words[i]))
			return IMAP_RESPONSE_WORDS;
	for (size_t i = 0; i < sizeof(without) / sizeof(*without); i++)
		if (span_is_nocase(word, without[i]))
			return IMAP_RESPONSE_WITHOUT;
	return IMAP_RESPONSE_LITERALS;
}

/* "{01}", "{1 }", "{-1}": no literal, which somebody may take for one. */
static bool resembles(struct span line)
{
	bool digit = false;
	size_t at = line.len;

	if (!at || line.at[--at] != '}')
		return false;
	while (at && (line.at[at - 1] == '+' || line.at[at - 1] == '-' || line.at[at - 1] == ' ' ||
		      (line.at[at - 1] >= '0' && line.at[at - 1] <= '9')))
		digit |= line.at[--at] >= '0' && line.at[at] <= '9';
	/* where its beginning was not kept it may have been that */
	return digit && (!at || line.at[at - 1] == '{');
}

/* Whether a literal comes behind the line, and of what size. -1: it is wrong. */
static int follows(enum imap_response_literals literals, struct span line, uint64_t *size,
		   struct err *err)
{
	bool waits, binary;

	if (literals == IMAP_RESPONSE_WORDS)
		return 0;
	if (!imap_token_announced(line, size, &waits, &binary)) {
		if (!resembles(line))
			return 0;
		(void)bad(err, "a malformed literal");
		return -1;
	}
	if (literals == IMAP_RESPONSE_LITERALS && waits)
		return 1;
	(void)bad(err, waits ? "a literal where none is due" : "a literal that does not wait");
	return -1;
}

/* The next octets belong to the runs of a large response. */
static void begin_runs(struct imap_response *r)
{
	struct span line = span_skip(buf_span(&r->held), r->line);

	if (!r->line)
		r->literals = literals_of(line);

	r->big = true;
	r->handed = true;
	r->tail_len = line.len < IMAP_RESPONSE_TAIL ? line.len : IMAP_RESPONSE_TAIL;
	memcpy(r->tail, line.at + line.len - r->tail_len, r->tail_len);
}

static enum imap_response_kind hand_out(struct imap_response *r,
					struct imap_response_piece *piece,
					enum imap_response_kind kind)
{
	piece->text = buf_span(&r->held);
	r->handed = true;
	return kind;
}

/* A line of the response ended: is a literal behind it, and does it fit? */
static enum imap_response_kind line_ended(struct imap_response *r,
					  struct imap_response_piece *piece,
					  struct err *err)
{
	struct span line = span_skip(buf_span(&r->held), r->line);
	uint64_t size;
	int ret;

	if (!r->line)
		r->literals = literals_of(line);
	ret = follows(r->literals, line, &size, err);
	if (ret < 0)
		return IMAP_RESPONSE_BAD;
	if (ret == 0)
		return hand_out(r, piece, IMAP_RESPONSE_WHOLE);
	(void)buf_puts(&r->held, "\r\n");
	r->in_literal = true;
	r->literal = size;
	if (r->held.len + size <= HELD_MAX)
		return IMAP_RESPONSE_MORE;
	begin_runs(r);
	piece->literal_next = true;
	piece->size = size;
	return hand_out(r, piece, IMAP_RESPONSE_BIG);
}

static enum imap_response_kind hold_text(struct imap_response *r, struct buf *in,
					 struct imap_response_piece *piece,
					 struct err *err, bool *dry)
{
	size_t room = HELD_MAX - r->held.len, len = 0;
	struct span seen = buf_span(in);
	enum stop stop = measure(seen, room, &len);

	if (stop == STOP_BAD)
		return bad(err, "a NUL, bare CR or bare LF");
	(void)buf_put(&r->held, span_of(seen.at, len));
	buf_drop(in, stop == STOP_LINE ? len + 2 : len);
	if (stop == STOP_LINE)
		return line_ended(r, piece, err);
	if (stop == STOP_FULL) {
		begin_runs(r);
		return hand_out(r, piece, IMAP_RESPONSE_BIG);
	}
	*dry = true;
	return IMAP_RESPONSE_MORE;
}

static enum imap_response_kind hold_literal(struct imap_response *r,
					    struct buf *in, bool *dry)
{
	struct span seen = buf_span(in);

	if (seen.len > r->literal)
		seen.len = (size_t)r->literal;
	(void)buf_put(&r->held, seen);
	r->literal -= seen.len;
	*dry = r->literal > 0;
	r->in_literal = r->literal > 0;
	r->line = r->held.len;
	buf_drop(in, seen.len);
	return IMAP_RESPONSE_MORE;
}

static enum imap_response_kind lend(struct imap_response *r,
				    struct imap_response_piece *piece,
				    const char *at, size_t len)
{
	piece->text = span_of(at, len);
	r->run = len;
	return IMAP_RESPONSE_RUN;
}

static void remember_tail(struct imap_response *r, struct span text)
{
	if (text.len > IMAP_RESPONSE_TAIL)
		text = span_skip(text, text.len - IMAP_RESPONSE_TAIL);
	if (r->tail_len + text.len > IMAP_RESPONSE_TAIL) {
		size_t drop = r->tail_len + text.len - IMAP_RESPONSE_TAIL;

		memmove(r->tail, r->tail + drop, r->tail_len - drop);
		r->tail_len -= drop;
	}
	memcpy(r->tail + r->tail_len, text.at, text.len);
	r->tail_len += text.len;
}

static enum imap_response_kind run_literal(struct imap_response *r,
					   struct buf *in,
					   struct imap_response_piece *piece)
{
	struct span seen = buf_span(in);

	if (seen.len > IMAP_RESPONSE_RUN_MAX)
		seen.len = IMAP_RESPONSE_RUN_MAX;
	if (seen.len > r->literal)
		seen.len = (size_t)r->literal;
	r->literal -= seen.len;
	if (!r->literal) {
		r->in_literal = false;
		r->tail_len = 0;
	}
	if (!seen.len)
		return IMAP_RESPONSE_MORE;
	piece->literal = true;
	return lend(r, piece, seen.at, seen.len);
}

static enum imap_response_kind run_text(struct imap_response *r, struct buf *in,
					struct imap_response_piece *piece,
					struct err *err)
{
	struct span seen = buf_span(in);
	size_t len = 0;
	enum stop stop = measure(seen, IMAP_RESPONSE_RUN_MAX, &len);
	uint64_t size;
	int ret;

	if (stop == STOP_BAD)
		return bad(err, "a NUL, bare CR or bare LF");
	remember_tail(r, span_of(seen.at, len));
	if (stop != STOP_LINE)
		return len ? lend(r, piece, seen.at, len) : IMAP_RESPONSE_MORE;
	ret = follows(r->literals, span_of(r->tail, r->tail_len), &size, err);
	if (ret < 0)
		return IMAP_RESPONSE_BAD;
	if (ret == 1) {
		r->in_literal = true;
		r->literal = size;
		piece->literal_next = true;
		piece->size = size;
		return lend(r, piece, seen.at, len + 2);
	}
	r->ended = true;
	if (!len)
		return IMAP_RESPONSE_RUN;	/* nothing: END is next */
	(void)lend(r, piece, seen.at, len);
	return IMAP_RESPONSE_RUN;
}

/* A run of a large response, or its end. */
static enum imap_response_kind next_run(struct imap_response *r, struct buf *in,
					struct imap_response_piece *piece,
					struct err *err)
{
	enum imap_response_kind kind;

	if (r->in_literal && !r->literal) {
		r->in_literal = false;	/* {0} */
		r->tail_len = 0;
	}
	if (r->in_literal)
		return run_literal(r, in, piece);
	if (!r->ended) {
		kind = run_text(r, in, piece, err);
		if (kind != IMAP_RESPONSE_RUN || piece->text.len)
			return kind;
	}
	buf_drop(in, 2);
	r->big = r->ended = false;
	r->line = 0;
	return IMAP_RESPONSE_END;
}

/*
 * A response that lies in `in` to its end is lent from there. True when it does:
 * all that is not so simple is left as it stands.
 */
static bool lend_whole(struct imap_response *r, struct buf *in,
		       struct imap_response_piece *piece)
{
	struct span all = buf_span(in);
	enum imap_response_literals literals = IMAP_RESPONSE_LITERALS;
	size_t at = 0, len = 0;
	uint64_t size;
	int ret;

	for (;;) {
		struct span line = span_skip(all, at);

		if (at > HELD_MAX || measure(line, HELD_MAX - at, &len) != STOP_LINE)
			return false;
		line.len = len;
		if (!at)
			literals = literals_of(line);
		at += len;
		ret = follows(literals, line, &size, NULL);
		if (!ret)
			break;
		if (ret < 0 || size > HELD_MAX || at + 2 + size > all.len)
			return false;
		at += 2 + (size_t)size;
	}
	piece->text = span_of(all.at, at);
	r->run = at + 2;
	return true;
}

void imap_response_release(struct imap_response *r, struct buf *in)
{
	buf_drop(in, r->run);
	r->run = 0;
}

enum imap_response_kind imap_response_next(struct imap_response *r,
					   struct buf *in,
					   struct imap_response_piece *piece,
					   struct err *err)
{
	enum imap_response_kind kind = IMAP_RESPONSE_MORE;
	bool dry = false;

	*piece = (struct imap_response_piece){ .text = { "", 0 } };
	imap_response_release(r, in);
	if (r->handed) {
		r->handed = false;
		buf_clear(&r->held);
		r->line = 0;
	}
	if (r->big)
		return next_run(r, in, piece, err);
	if (!r->held.len && !r->in_literal && lend_whole(r, in, piece))
		return IMAP_RESPONSE_WHOLE;
	while (kind == IMAP_RESPONSE_MORE && !dry)
		kind = r->in_literal ? hold_literal(r, in, &dry)
				     : hold_text(r, in, piece, err, &dry);
	if (kind == IMAP_RESPONSE_MORE && !r->held.len)
		buf_trim(&r->held);
	return kind;
}
