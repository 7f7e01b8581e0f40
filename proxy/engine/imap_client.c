#include "proxy/engine/imap_client.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_literal.h"
#include "proxy/engine/imap_response.h"

enum state {
	GREETING,		/* waits for * OK */
	CAPABILITY,		/* waits for the answer to that */
	STARTTLS,		/* likewise */
	SECURING,		/* waits for imap_client_secured() */
	READY,
	FAILED,
};

enum { SMALL_LITERAL = 4096 };	/* octets; RFC 7888 5: LITERAL- */

struct imap_client {
	bool starttls;		/* go through it */
	bool secured;		/* ... and that is done */
	enum state state;
	struct err why;		/* FAILED */
	struct imap_response response;
	struct imap_capabilities capabilities;
	bool told;		/* they came since the last command began */

	unsigned number;	/* of the last tag */
	struct buf tag;		/* ... which is "L1" */
	bool busy;		/* a command is under way */
	bool converses;		/* ... in which `+` is part of a talk */
	bool line_due;		/* ... and came */
	struct buf command;	/* what of it is still to be said */
	bool waiting;		/* it goes on after `+` */
	bool has_body;		/* a message's literal is its end */
	bool body_due;		/* GO was said */
	uint64_t body;		/* octets of it to come */
};

struct imap_client *imap_client_new(bool starttls)
{
	struct imap_client *c = mem_new(sizeof(*c));

	c->starttls = starttls;
	imap_response_init(&c->response);
	buf_init(&c->tag, 16);
	buf_init(&c->command, IMAP_CLIENT_COMMAND_MAX);
	return c;
}

void imap_client_free(struct imap_client *c)
{
	if (!c)
		return;
	imap_response_done(&c->response);
	imap_capabilities_free(&c->capabilities);
	buf_free(&c->tag);
	buf_wipe(&c->command);
	free(c);
}

const struct imap_capabilities *
imap_client_capabilities(const struct imap_client *c)
{
	return &c->capabilities;
}

bool imap_client_busy(const struct imap_client *c)
{
	return c->busy;
}

bool imap_client_tag_is(const struct imap_client *c, struct span text)
{
	return c->busy && span_eq(text, buf_span(&c->tag));
}

bool imap_client_told(const struct imap_client *c)
{
	return c->told;
}

static enum imap_client_event_kind fail(struct imap_client *c,
					enum err_kind kind, const char *what)
{
	err_set(&c->why, kind, "%s", what);
	c->state = FAILED;
	return IMAP_CLIENT_FAILED;
}

/* As fail(), with upstream's own words behind; never words of before TLS. */
static enum imap_client_event_kind fail_quoting(struct imap_client *c,
						enum err_kind kind,
						const char *what,
						struct span words)
{
	if (c->starttls && !c->secured)
		return fail(c, kind, what);
	err_set(&c->why, kind, "%s: %.*s", what,
		(int)(words.len < 200 ? words.len : 200), words.at);
	c->state = FAILED;
	return IMAP_CLIENT_FAILED;
}

/* --- commands --- */

static bool literal_plus(const struct imap_client *c, uint64_t size)
{
	return imap_capabilities_has(&c->capabilities, "LITERAL+") ||
	       (size <= SMALL_LITERAL &&
		imap_capabilities_has(&c->capabilities, "LITERAL-"));
}

/* Says as much of the command as may be said without a `+`. */
static int go_on(struct imap_client *c, struct buf *out)
{
	bool ahead = false;	/* a literal's bytes may be said */
	struct span text;
	uint64_t size;
	size_t len;

	if (buf_room(out) < c->command.len + 64)
		return -1;
	c->waiting = false;
	for (;;) {
		text = buf_span(&c->command);
		if (!imap_literal_first(text, &len, &size))
			break;
		/* a message waits for `+`, so that upstream may refuse it */
		ahead = literal_plus(c, size) &&
			!(c->has_body && text.len == len + 2);
		imap_literal_put(out, span_of(text.at, len), size, ahead);
		buf_drop(&c->command, len + 2);
		text = buf_span(&c->command);
		if (!ahead) {
			c->waiting = true;
			c->body = size;
			return 0;
		}
		(void)buf_put(out, span_of(text.at, (size_t)size));
		buf_drop(&c->command, (size_t)size);
	}
	(void)buf_put(out, text);
	buf_wipe(&c->command);
	return buf_puts(out, "\r\n");
}

/* `+` came for the literal that waits. */
static int say_literal(struct imap_client *c, struct buf *out)
{
	struct span text = buf_span(&c->command);

	if (buf_room(out) < c->command.len + 64)
		return -1;
	(void)buf_put(out, span_of(text.at, (size_t)c->body));
	buf_drop(&c->command, (size_t)c->body);
	return go_on(c, out);
}

/* Says the tag; `command` goes to `to`, which is `out` where no part of it waits. */
static int begin(struct imap_client *c, struct buf *out, struct span command, struct buf *to)
{
	if (c->busy || c->state == FAILED || c->state == SECURING ||
	    !imap_literal_sayable(command) || buf_room(&c->command) < command.len + 32 ||
	    buf_room(out) < command.len + 64)
		return -1;
	c->busy = true;
	c->told = false;
	c->line_due = c->has_body = c->body_due = false;
	c->converses = span_starts_nocase(command, "AUTHENTICATE ") ||
		       span_is_nocase(command, "IDLE");
	buf_clear(&c->tag);
	(void)buf_puts(&c->tag, "L");
	(void)buf_put_number(&c->tag, ++c->number);
	(void)buf_put(out, buf_span(&c->tag));
	(void)buf_puts(out, " ");
	return buf_put(to, command);
}

int imap_client_command(struct imap_client *c, struct buf *out,
			struct span command)
{
	bool line = span_find(command, '\r') == command.len;

	if (c->state != READY || begin(c, out, command, line ? out : &c->command) < 0)
		return -1;
	return line ? buf_puts(out, "\r\n") : go_on(c, out);
}

int imap_client_command_body(struct imap_client *c, struct buf *out,
			     struct span command, uint64_t size)
{
	if (c->state != READY || begin(c, out, command, &c->command) < 0)
		return -1;
	/* what begin() saw room for */
	(void)buf_printf(&c->command, " {%llu}\r\n", (unsigned long long)size);
	c->has_body = true;
	c->body = size;
	return go_on(c, out);
}

int imap_client_body(struct imap_client *c, struct buf *out, struct span bytes)
{
	if (!c->body_due || bytes.len > c->body || buf_room(out) < bytes.len + 2)
		return -1;
	(void)buf_put(out, bytes);
	c->body -= bytes.len;
	if (c->body)
		return 0;
	c->body_due = false;
	return buf_puts(out, "\r\n");
}

int imap_client_line(struct imap_client *c, struct buf *out, struct span line)
{
	if (!c->line_due || buf_room(out) < line.len + 2 || !imap_literal_sayable(line))
		return -1;
	c->line_due = false;
	(void)buf_put(out, line);
	return buf_puts(out, "\r\n");
}

/* --- responses --- */

static enum imap_client_event_kind say(struct imap_client *c, struct buf *out,
				       const char *command, enum state state)
{
	if (begin(c, out, span_str(command), &c->command) < 0 || go_on(c, out) < 0)
		return fail(c, ERR_BUG, "no room for a command");
	c->state = state;
	return IMAP_CLIENT_MORE;
}

void imap_client_secured(struct imap_client *c, struct buf *out)
{
	c->secured = true;
	c->state = READY;	/* for a moment: say() takes it from there */
	imap_capabilities_free(&c->capabilities);
	(void)say(c, out, "CAPABILITY", CAPABILITY);
}

/* Reads the capabilities of "OK [CAPABILITY X Y] words". */
static void read_code(struct imap_client *c, struct span status)
{
	struct span code = span_skip(status, span_find(status, ' ') + 1);

	if (!span_starts_nocase(code, "[CAPABILITY "))
		return;
	code = span_of(code.at, span_find(code, ']'));
	imap_capabilities_read(&c->capabilities,
			       span_skip(code, strlen("[CAPABILITY ")));
	c->told = true;
}

static enum imap_client_event_kind capable(struct imap_client *c,
					   enum imap_status status,
					   struct buf *out)
{
	if (status != IMAP_OK || !c->told ||
	    !imap_capabilities_has(&c->capabilities, "IMAP4REV1"))
		return fail(c, ERR_PEER, "does not say that it speaks IMAP4rev1");
	if (!c->starttls || c->secured) {
		c->state = READY;
		return IMAP_CLIENT_READY;
	}
	if (!imap_capabilities_has(&c->capabilities, "STARTTLS"))
		return fail(c, ERR_TLS, "TLS not offered");
	return say(c, out, "STARTTLS", STARTTLS);
}

/* The greeting told of what is needed next: it need not be asked (RFC 9051 7.1). */
static bool told_enough(const struct imap_client *c)
{
	return imap_capabilities_has(&c->capabilities, "IMAP4REV1") &&
	       (!c->starttls || imap_capabilities_has(&c->capabilities, "STARTTLS"));
}

static enum imap_client_event_kind greeted(struct imap_client *c,
					   struct span text, struct buf *out)
{
	if (span_starts_nocase(text, "* OK")) {
		read_code(c, span_skip(text, 2));
		return told_enough(c) ? capable(c, IMAP_OK, out)
				      : say(c, out, "CAPABILITY", CAPABILITY);
	}
	if (span_starts_nocase(text, "* BYE"))
		return fail_quoting(c, ERR_TEMP, "turned us away in its greeting", text);
	if (span_starts_nocase(text, "* PREAUTH"))
		return fail(c, ERR_PEER, "greeted with a login that nobody gave");
	return fail(c, ERR_PEER, "greeted with what is no IMAP");
}

static enum imap_client_event_kind starttls_answered(struct imap_client *c,
						     enum imap_status status,
						     struct buf *in)
{
	imap_response_release(&c->response, in);
	if (status != IMAP_OK)
		return fail(c, ERR_TLS, "TLS not offered: STARTTLS was refused");
	/* They were not sent under TLS, but might be read as if (THREATS 20). */
	if (in->len)
		return fail(c, ERR_TLS, "handshake failed: bytes came behind "
			    "the answer to STARTTLS");
	c->state = SECURING;
	return IMAP_CLIENT_STARTTLS;
}

static bool is_status(struct span text, const char *word)
{
	size_t len = span_find(text, ' ');

	return span_is_nocase(span_of(text.at, len), word);
}

static enum imap_client_event_kind untagged(struct imap_client *c,
					    struct span text,
					    struct imap_client_event *event)
{
	if (span_starts_nocase(text, "CAPABILITY ")) {
		imap_capabilities_read(&c->capabilities,
				       span_skip(text, strlen("CAPABILITY ")));
		c->told = true;
	} else if (is_status(text, "OK")) {
		read_code(c, text);
	}
	if (c->state != READY) {
		if (is_status(text, "BYE"))
			return fail_quoting(c, ERR_TEMP, "gave up", text);
		return IMAP_CLIENT_MORE;	/* THREATS 21, 23 */
	}
	event->text = text;
	return IMAP_CLIENT_UNTAGGED;
}

static enum imap_client_event_kind continued(struct imap_client *c,
					     struct span text, struct buf *out,
					     struct imap_client_event *event)
{
	if (c->waiting && c->has_body && !c->command.len) {
		c->waiting = false;
		c->body_due = true;
		return IMAP_CLIENT_GO;
	}
	if (c->waiting)
		return say_literal(c, out) < 0
		       ? fail(c, ERR_BUG, "no room for a literal")
		       : IMAP_CLIENT_MORE;
	if (c->state != READY || !c->busy || !c->converses || c->line_due)
		return fail(c, ERR_PEER, "asked for more where nothing is due");
	c->line_due = true;
	event->text = text;
	return IMAP_CLIENT_CONTINUE;
}

static enum imap_client_event_kind tagged(struct imap_client *c,
					  struct span status, struct buf *in,
					  struct buf *out,
					  struct imap_client_event *event)
{
	if (is_status(status, "OK"))
		event->status = IMAP_OK;
	else if (is_status(status, "NO"))
		event->status = IMAP_NO;
	else if (is_status(status, "BAD"))
		event->status = IMAP_BAD;
	else
		return fail(c, ERR_PEER, "answered a command with no status");
	if (c->body_due)
		return fail(c, ERR_PEER, "gave up in the middle of a message");
	if (event->status == IMAP_OK && (c->waiting || c->command.len))
		return fail(c, ERR_PEER, "answered a command before its end");
	c->busy = c->waiting = c->line_due = false;
	buf_wipe(&c->command);
	read_code(c, status);
	switch (c->state) {
	case CAPABILITY:
		return capable(c, event->status, out);
	case STARTTLS:
		return starttls_answered(c, event->status, in);
	case READY:
		event->text = status;
		return IMAP_CLIENT_TAGGED;
	case GREETING:
	case SECURING:
	case FAILED:
		break;
	}
	return IMAP_CLIENT_MORE;
}

static enum imap_client_event_kind whole(struct imap_client *c, struct span text,
					 struct buf *in, struct buf *out,
					 struct imap_client_event *event)
{
	size_t len = span_find(text, ' ');

	if (c->state == GREETING)
		return greeted(c, text, out);
	if (span_starts_nocase(text, "* "))
		return untagged(c, span_skip(text, 2), event);
	if (span_is(text, "+") || span_starts_nocase(text, "+ "))
		return continued(c, span_skip(text, 2), out, event);
	if (len == text.len || !imap_client_tag_is(c, span_of(text.at, len)))
		return fail(c, ERR_PEER, "answered what was not asked");
	return tagged(c, span_skip(text, len + 1), in, out, event);
}

/* Pieces of a large response; those of before login are of no use to anybody. */
static enum imap_client_event_kind piece_of(struct imap_client *c,
					    enum imap_response_kind kind,
					    const struct imap_response_piece *piece,
					    struct imap_client_event *event)
{
	if (c->state != READY)
		return fail(c, ERR_PEER, "said too much before its greeting was over");
	event->text = piece->text;
	event->literal = piece->literal;
	event->literal_next = piece->literal_next;
	event->size = piece->size;
	if (kind == IMAP_RESPONSE_RUN)
		return IMAP_CLIENT_RUN;
	if (kind == IMAP_RESPONSE_END)
		return IMAP_CLIENT_BIG_END;
	if (!span_starts_nocase(piece->text, "* "))
		return fail(c, ERR_PEER, "too long a line");
	event->text = span_skip(piece->text, 2);
	return IMAP_CLIENT_BIG;
}

static enum imap_client_event_kind take(struct imap_client *c, struct buf *in,
					struct buf *out,
					struct imap_client_event *event)
{
	struct imap_response_piece piece;
	enum imap_response_kind kind;

	kind = imap_response_next(&c->response, in, &piece, &c->why);
	switch (kind) {
	case IMAP_RESPONSE_MORE:
		return IMAP_CLIENT_MORE;
	case IMAP_RESPONSE_BAD:
		c->state = FAILED;
		return IMAP_CLIENT_FAILED;
	case IMAP_RESPONSE_WHOLE:
		return whole(c, piece.text, in, out, event);
	case IMAP_RESPONSE_BIG:
	case IMAP_RESPONSE_RUN:
	case IMAP_RESPONSE_END:
		return piece_of(c, kind, &piece, event);
	}
	return IMAP_CLIENT_MORE;
}

enum imap_client_event_kind imap_client_next(struct imap_client *c,
					     struct buf *in, struct buf *out,
					     struct imap_client_event *event,
					     struct err *err)
{
	size_t before;

	*event = (struct imap_client_event){ .kind = IMAP_CLIENT_MORE };
	while (c->state != SECURING && c->state != FAILED) {
		imap_response_release(&c->response, in);
		before = in->len;
		event->kind = take(c, in, out, event);
		if (event->kind != IMAP_CLIENT_MORE || in->len - c->response.run == before)
			break;
	}
	if (event->kind == IMAP_CLIENT_FAILED && err)
		*err = c->why;
	return event->kind;
}
