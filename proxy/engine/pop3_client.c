#include "proxy/engine/pop3_client.h"

#include <stdint.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/line.h"
#include "proxy/engine/smtp_dot.h"

enum {
	CAPABILITIES_MAX = 100,		/* lines */
	CAPABILITY_MAX = 512,		/* octets of one */
};

enum state {
	GREETING,
	CAPA,			/* waits for the reply to CAPA, */
	CAPA_LINES,		/* ... and for its lines */
	STLS,			/* waits for the reply to that */
	SECURING,		/* waits for pop3_client_secured() */
	READY,
	FAILED,
};

struct pop3_client {
	bool stls;		/* go through it */
	bool secured;		/* ... and that is done */
	enum state state;
	struct err why;		/* FAILED */
	struct pop3_client_capabilities capabilities;
	unsigned capabilities_n;

	struct buf waiting;	/* an enum pop3_client_kind for each command */
	bool challenged;	/* a SASL line is due */
	bool lines;		/* of the oldest command are coming */
	struct smtp_dot_reader dot;
	size_t lent;		/* octets of `in` that were handed out */
	struct buf text;	/* of the reply that was handed out */
};

struct pop3_client *pop3_client_new(bool stls)
{
	struct pop3_client *c = mem_new(sizeof(*c));

	c->stls = stls;
	buf_init(&c->waiting, POP3_CLIENT_WAITING_MAX);
	buf_init(&c->text, POP3_CLIENT_LINE_MAX);
	return c;
}

static void forget_capabilities(struct pop3_client *c)
{
	strs_free(&c->capabilities.sasl);
	strs_free(&c->capabilities.others);
	c->capabilities = (struct pop3_client_capabilities){ 0 };
	c->capabilities_n = 0;
}

void pop3_client_free(struct pop3_client *c)
{
	if (!c)
		return;
	forget_capabilities(c);
	buf_free(&c->waiting);
	buf_wipe(&c->text);
	free(c);
}

static enum pop3_client_event_kind fail(struct pop3_client *c, enum err_kind kind,
					const char *what)
{
	err_set(&c->why, kind, "%s", what);
	c->state = FAILED;
	return POP3_CLIENT_FAILED;
}

/* As fail(), with upstream's own words behind. */
static enum pop3_client_event_kind fail_quoting(struct pop3_client *c,
						enum err_kind kind,
						const char *what, struct span words)
{
	err_set(&c->why, kind, "%s: %.*s", what,
		(int)(words.len < 200 ? words.len : 200), words.at);
	c->state = FAILED;
	return POP3_CLIENT_FAILED;
}

static enum pop3_client_event_kind say(struct pop3_client *c, struct buf *out,
				       const char *command, enum state state)
{
	if (buf_puts(out, command) < 0)
		return fail(c, ERR_BUG, "no room for a command");
	c->state = state;
	return POP3_CLIENT_MORE;
}

/* --- capabilities --- */

static void note_mechanisms(struct pop3_client *c, struct span rest)
{
	struct span word;

	while (span_split(&rest, ' ', &word))
		if (word.len)
			strs_add(&c->capabilities.sasl, word);
}

static void note_capability(struct pop3_client *c, struct span line)
{
	struct pop3_client_capabilities *all = &c->capabilities;
	size_t blank = span_find(line, ' ');
	struct span word = span_of(line.at, blank);
	const struct { const char *word; bool *has; } known[] = {
		{ "STLS", &all->stls }, { "TOP", &all->top },
		{ "UIDL", &all->uidl }, { "USER", &all->user },
		{ "PIPELINING", &all->pipelining },
		{ "RESP-CODES", &all->resp_codes },
		{ "AUTH-RESP-CODE", &all->auth_resp_code },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (span_is_nocase(word, known[i].word))
			*known[i].has = true;
	if (span_is_nocase(word, "SASL"))
		note_mechanisms(c, span_skip(line, blank + 1));
	else if (span_is_nocase(word, "EXPIRE") ||
		 span_is_nocase(word, "LOGIN-DELAY"))
		strs_add(&all->others, line);
}

static enum pop3_client_event_kind capabilities_known(struct pop3_client *c,
						      struct buf *out)
{
	if (!c->stls || c->secured) {
		c->state = READY;
		return POP3_CLIENT_READY;
	}
	if (!c->capabilities.stls)
		return fail(c, ERR_TLS, "TLS not offered");
	return say(c, out, "STLS\r\n", STLS);
}

static enum pop3_client_event_kind on_capability(struct pop3_client *c,
						 struct buf *out, struct span line)
{
	if (span_is(line, "."))
		return capabilities_known(c, out);
	if (++c->capabilities_n > CAPABILITIES_MAX || line.len > CAPABILITY_MAX)
		return fail(c, ERR_PEER, "capabilities without end");
	note_capability(c, line);
	return POP3_CLIENT_MORE;
}

/* --- replies --- */

/* Whether `line` is `word`, alone or with a blank and text behind. */
static bool begins(struct span line, const char *word, struct span *text)
{
	size_t len = strlen(word);

	if (line.len < len || memcmp(line.at, word, len) != 0)
		return false;
	*text = span_skip(line, len + 1);
	return line.len == len || line.at[len] == ' ';
}

static enum pop3_client_event_kind on_challenge(struct pop3_client *c,
						const struct buf *in,
						struct pop3_client_event *event)
{
	/* what is there already would answer a line that upstream has not seen */
	if (in->len)
		return fail(c, ERR_PEER, "bytes came behind a challenge");
	c->challenged = true;
	event->kind = POP3_CLIENT_CONTINUE;
	event->text = buf_span(&c->text);
	return event->kind;
}

static enum pop3_client_event_kind on_reply(struct pop3_client *c, bool ok,
					    struct pop3_client_event *event)
{
	struct span kinds = buf_span(&c->waiting);
	enum pop3_client_kind kind;

	if (!kinds.len && !ok)
		return fail_quoting(c, ERR_TEMP, "gave up", buf_span(&c->text));
	if (!kinds.len)
		return fail(c, ERR_PEER, "a reply came that nothing asked for");
	if (c->challenged)
		return fail(c, ERR_PEER, "a reply came in place of a SASL line");
	kind = (enum pop3_client_kind)kinds.at[0];
	c->lines = ok && kind == POP3_CLIENT_LINES;
	if (c->lines)
		smtp_dot_reader_init(&c->dot, SIZE_MAX);
	else
		buf_drop(&c->waiting, 1);
	event->kind = POP3_CLIENT_REPLY;
	event->ok = ok;
	event->lines = c->lines;
	event->text = buf_span(&c->text);
	return event->kind;
}

/* A reply that belongs to the beginning; `words` are a copy. */
static enum pop3_client_event_kind on_early(struct pop3_client *c, struct buf *in,
					    struct buf *out, bool ok)
{
	struct span words = buf_span(&c->text);

	if (c->state == GREETING && !ok)
		return fail_quoting(c, ERR_TEMP, "greeted with -ERR", words);
	if (c->state == GREETING)
		return say(c, out, "CAPA\r\n", CAPA);
	if (c->state == CAPA && !ok)
		return capabilities_known(c, out);	/* it tells of none */
	if (c->state == CAPA) {
		c->state = CAPA_LINES;
		return POP3_CLIENT_MORE;
	}
	if (!ok)
		return fail_quoting(c, ERR_TLS, "TLS not offered: STLS was answered -ERR",
				    words);
	/* They were not sent under TLS, but might be read as if (RFC 2595 4). */
	if (in->len)
		return fail(c, ERR_TLS, "handshake failed: bytes came behind the "
			    "reply to STLS");
	c->state = SECURING;
	return POP3_CLIENT_STLS;
}

static enum pop3_client_event_kind on_line(struct pop3_client *c, struct buf *in,
					   struct buf *out, struct span line,
					   struct pop3_client_event *event)
{
	bool sasl = c->waiting.len &&
		    buf_span(&c->waiting).at[0] == POP3_CLIENT_SASL;
	struct span text;
	bool ok = begins(line, "+OK", &text);

	if (c->state == CAPA_LINES)
		return on_capability(c, out, line);
	if (!ok && !begins(line, "-ERR", &text)) {
		if (c->state != READY || !sasl || c->challenged ||
		    !begins(line, "+", &text))
			return fail_quoting(c, ERR_PEER, "that is no reply of POP3",
					    line);
		(void)buf_put(&c->text, text);
		return on_challenge(c, in, event);
	}
	(void)buf_put(&c->text, text);
	return c->state == READY ? on_reply(c, ok, event)
				 : on_early(c, in, out, ok);
}

static enum pop3_client_event_kind read_lines(struct pop3_client *c, struct buf *in,
					      struct pop3_client_event *event)
{
	size_t taken;

	switch (smtp_dot_read(&c->dot, buf_span(in), &taken, &event->text)) {
	case SMTP_DOT_MORE:
		buf_drop(in, taken);
		return POP3_CLIENT_MORE;
	case SMTP_DOT_RUN:
		c->lent = taken;
		return event->kind = POP3_CLIENT_RUN;
	case SMTP_DOT_END:
		buf_drop(in, taken);
		buf_drop(&c->waiting, 1);
		c->lines = false;
		return event->kind = POP3_CLIENT_END;
	}
	return POP3_CLIENT_MORE;
}

static enum pop3_client_event_kind step(struct pop3_client *c, struct buf *in,
					struct buf *out,
					struct pop3_client_event *event)
{
	struct err err = { ERR_NONE, "" };
	struct span line;
	char *copy;

	if (c->state == SECURING || c->state == FAILED)
		return POP3_CLIENT_MORE;
	if (c->lines)
		return read_lines(c, in, event);
	switch (line_take(in, POP3_CLIENT_LINE_MAX - 2, &line, &err)) {
	case LINE_MORE:
		return POP3_CLIENT_MORE;
	case LINE_LONG:
	case LINE_BAD:
		return fail(c, ERR_PEER, err.text);
	case LINE_TAKEN:
		break;
	}
	copy = span_dup(line);	/* `in` may move while it is looked at */
	event->kind = on_line(c, in, out, span_of(copy, line.len), event);
	free(copy);
	return event->kind;
}

enum pop3_client_event_kind pop3_client_next(struct pop3_client *c, struct buf *in,
					     struct buf *out,
					     struct pop3_client_event *event,
					     struct err *err)
{
	size_t before;

	*event = (struct pop3_client_event){ .kind = POP3_CLIENT_MORE };
	buf_drop(in, c->lent);
	c->lent = 0;
	do {
		buf_wipe(&c->text);
		before = in->len;
		event->kind = step(c, in, out, event);
	} while (event->kind == POP3_CLIENT_MORE && in->len < before);
	if (c->state == FAILED) {
		event->kind = POP3_CLIENT_FAILED;
		err_set(err, c->why.kind, "%s", c->why.text);
	}
	return event->kind;
}

void pop3_client_secured(struct pop3_client *c, struct buf *out)
{
	if (c->state != SECURING)
		return;
	c->secured = true;
	forget_capabilities(c);
	(void)say(c, out, "CAPA\r\n", CAPA);
}

const struct pop3_client_capabilities *
pop3_client_capabilities(const struct pop3_client *c)
{
	return &c->capabilities;
}

static int put_line(struct pop3_client *c, struct buf *out, struct span line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] == '\r' || line.at[i] == '\n' || !line.at[i])
			return -1;
	if (c->state != READY || buf_room(out) < line.len + 2)
		return -1;
	if (buf_put(out, line) < 0)
		return -1;
	return buf_puts(out, "\r\n");
}

int pop3_client_command(struct pop3_client *c, struct buf *out,
			enum pop3_client_kind kind, struct span line)
{
	struct span kinds = buf_span(&c->waiting);
	char waits = (char)kind;

	/* nothing is said behind AUTH before it is over */
	if (buf_room(&c->waiting) < 1 ||
	    (kinds.len && kinds.at[kinds.len - 1] == POP3_CLIENT_SASL))
		return -1;
	if (put_line(c, out, line) < 0)
		return -1;
	return buf_put(&c->waiting, span_of(&waits, 1));
}

int pop3_client_line(struct pop3_client *c, struct buf *out, struct span line)
{
	if (!c->challenged || put_line(c, out, line) < 0)
		return -1;
	c->challenged = false;
	return 0;
}

unsigned pop3_client_waiting(const struct pop3_client *c)
{
	return (unsigned)c->waiting.len;
}
