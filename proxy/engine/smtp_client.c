#include "proxy/engine/smtp_client.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/smtp_capabilities.h"
#include "proxy/engine/smtp_dot.h"

enum state {
	GREETING,		/* waits for 220 */
	HELLO,			/* waits for the reply to EHLO */
	STARTTLS,		/* waits for the reply to that */
	SECURING,		/* waits for smtp_client_secured() */
	READY,
	FAILED,
};

/* What may be answered to a command, besides 4xx and 5xx. */
enum kind {
	PLAIN,			/* 2xx */
	DATA,			/* 354 */
	AUTH,			/* 334, 235 */
};

enum { WAITING_MAX = 4096 };

struct smtp_client {
	char *name;
	bool starttls;		/* go through it */
	bool secured;		/* ... and that is done */
	enum state state;
	struct err why;		/* FAILED */

	struct smtp_client_capabilities capabilities;
	struct smtp_reply reply;	/* as handed out */
	struct buf waiting;	/* an enum kind for each command without reply */
	bool challenged;	/* 334 came last: a SASL line is due */
	bool body;		/* 354 came: message bytes are due */
	struct smtp_dot_writer dot;
};

struct smtp_client *smtp_client_new(const char *name, bool starttls)
{
	struct smtp_client *c = mem_new(sizeof(*c));

	c->name = mem_strdup(name);
	c->starttls = starttls;
	buf_init(&c->waiting, WAITING_MAX);
	return c;
}

void smtp_client_free(struct smtp_client *c)
{
	if (!c)
		return;
	smtp_reply_free(&c->reply);
	smtp_capabilities_free(&c->capabilities);
	buf_wipe(&c->waiting);
	free(c->name);
	free(c);
}

static enum smtp_client_event_kind fail(struct smtp_client *c,
					enum err_kind kind, const char *what)
{
	err_set(&c->why, kind, "%s", what);
	c->state = FAILED;
	return SMTP_CLIENT_FAILED;
}

/* As fail(), with upstream's own words behind. */
static enum smtp_client_event_kind
fail_quoting(struct smtp_client *c, enum err_kind kind, const char *what)
{
	err_set(&c->why, kind, "%s: %u %s", what, c->reply.code,
		c->reply.lines.at[c->reply.lines.n - 1]);
	c->state = FAILED;
	return SMTP_CLIENT_FAILED;
}

/* A handshake reply that is not the one success code (THREATS 16, 24). */
static enum smtp_client_event_kind
refused(struct smtp_client *c, const char *what)
{
	bool negative = c->reply.code >= 400;

	return fail_quoting(c, negative ? ERR_TEMP : ERR_PEER, what);
}

static enum smtp_client_event_kind say_hello(struct smtp_client *c,
					     struct buf *out)
{
	if (buf_printf(out, "EHLO %s\r\n", c->name) < 0)
		return fail(c, ERR_BUG, "no room for EHLO");
	c->state = HELLO;
	return SMTP_CLIENT_MORE;
}

static enum smtp_client_event_kind greeted(struct smtp_client *c,
					   struct buf *out)
{
	if (c->reply.code != 220)
		return refused(c, "greeted with");
	return say_hello(c, out);
}

static enum smtp_client_event_kind hello_replied(struct smtp_client *c,
						 struct buf *out)
{
	/* A server without EHLO has no STARTTLS either. */
	if (c->reply.code / 100 == 5 && c->starttls && !c->secured)
		return fail_quoting(c, ERR_TLS, "TLS not offered: EHLO was answered");
	if (c->reply.code != 250)
		return refused(c, "EHLO was answered");
	smtp_capabilities_free(&c->capabilities);
	smtp_capabilities_read(&c->capabilities, &c->reply);
	if (!c->starttls || c->secured) {
		c->state = READY;
		return SMTP_CLIENT_READY;
	}
	if (!c->capabilities.starttls)
		return fail(c, ERR_TLS, "TLS not offered");
	if (buf_puts(out, "STARTTLS\r\n") < 0)
		return fail(c, ERR_BUG, "no room for STARTTLS");
	c->state = STARTTLS;
	return SMTP_CLIENT_MORE;
}

static enum smtp_client_event_kind starttls_replied(struct smtp_client *c,
						    const struct buf *in)
{
	if (c->reply.code != 220)
		return fail_quoting(c, ERR_TLS,
				    "TLS not offered: STARTTLS was answered");
	/* They were not sent under TLS, but might be read as if (RFC 3207 6). */
	if (in->len)
		return fail(c, ERR_TLS, "handshake failed: bytes came behind "
			    "the reply to STARTTLS");
	c->state = SECURING;
	return SMTP_CLIENT_STARTTLS;
}

static bool fits(enum kind kind, unsigned code)
{
	if (code >= 400)
		return true;
	switch (kind) {
	case PLAIN:
		return code < 300;
	case DATA:
		return code == 354;
	case AUTH:
		return code == 334 || code == 235;
	}
	return false;
}

/* A reply that no command asked for. */
static enum smtp_client_event_kind unasked(struct smtp_client *c)
{
	if (c->reply.code == 421 || (c->body && c->reply.code >= 400))
		return fail_quoting(c, ERR_TEMP, "gave up");
	return fail(c, ERR_PEER, "a reply came that nothing asked for");
}

static enum smtp_client_event_kind replied(struct smtp_client *c,
					   const struct buf *in)
{
	enum kind kind;

	if (!c->waiting.len)
		return unasked(c);
	kind = (enum kind)buf_span(&c->waiting).at[0];
	buf_drop(&c->waiting, 1);
	if (!fits(kind, c->reply.code))
		return fail_quoting(c, ERR_PEER, "a command was answered");
	/* What is there already would count as the reply to a message, or to a
	 * SASL line, that upstream has not seen. */
	if (c->reply.code / 100 == 3 && in->len)
		return fail_quoting(c, ERR_PEER, "bytes came behind");
	c->challenged = c->reply.code == 334;
	c->body = c->reply.code == 354;
	c->dot = (struct smtp_dot_writer){ 0 };
	return SMTP_CLIENT_REPLY;
}

static enum smtp_client_event_kind take(struct smtp_client *c, struct buf *in,
					struct buf *out)
{
	smtp_reply_free(&c->reply);
	if (c->state == SECURING || c->state == FAILED)
		return SMTP_CLIENT_MORE;
	switch (smtp_reply_take(in, &c->reply, &c->why)) {
	case SMTP_REPLY_BAD:
		c->state = FAILED;
		return SMTP_CLIENT_FAILED;
	case SMTP_REPLY_MORE:
		return SMTP_CLIENT_MORE;
	case SMTP_REPLY_TAKEN:
		break;
	}
	switch (c->state) {
	case GREETING:
		return greeted(c, out);
	case HELLO:
		return hello_replied(c, out);
	case STARTTLS:
		return starttls_replied(c, in);
	case READY:
		return replied(c, in);
	case SECURING:
	case FAILED:
		break;
	}
	return SMTP_CLIENT_MORE;
}

enum smtp_client_event_kind smtp_client_next(struct smtp_client *c,
					     struct buf *in, struct buf *out,
					     struct smtp_client_event *event,
					     struct err *err)
{
	size_t before;

	*event = (struct smtp_client_event){ .kind = SMTP_CLIENT_MORE };
	do {
		before = in->len;
		event->kind = take(c, in, out);
	} while (event->kind == SMTP_CLIENT_MORE && in->len < before);
	if (c->state == FAILED) {
		event->kind = SMTP_CLIENT_FAILED;
		err_set(err, c->why.kind, "%s", c->why.text);
	}
	if (event->kind == SMTP_CLIENT_REPLY)
		event->reply = &c->reply;
	return event->kind;
}

void smtp_client_secured(struct smtp_client *c, struct buf *out)
{
	if (c->state != SECURING)
		return;
	c->secured = true;
	smtp_capabilities_free(&c->capabilities);	/* RFC 3207 4.2 */
	(void)say_hello(c, out);
}

const struct smtp_client_capabilities *
smtp_client_capabilities(const struct smtp_client *c)
{
	return &c->capabilities;
}

/* Appends the line and counts it as waiting. */
static int say(struct smtp_client *c, struct buf *out, struct span line,
	       enum kind kind)
{
	char waits = (char)kind;

	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] == '\r' || line.at[i] == '\n' || !line.at[i])
			return -1;
	if (c->state != READY || c->body || buf_room(out) < line.len + 2 ||
	    buf_room(&c->waiting) < 1)
		return -1;
	if (buf_put(&c->waiting, span_of(&waits, 1)) < 0 ||
	    buf_put(out, line) < 0)
		return -1;
	return buf_puts(out, "\r\n");
}

/* DATA and AUTH are the last of a pipelined group (RFC 2920 3.1). */
static bool group_closed(const struct smtp_client *c)
{
	struct span kinds = buf_span(&c->waiting);

	return c->challenged ||
	       (kinds.len && kinds.at[kinds.len - 1] != PLAIN);
}

int smtp_client_command(struct smtp_client *c, struct buf *out,
			struct span line)
{
	enum kind kind = PLAIN;

	if (group_closed(c))
		return -1;
	if (span_is_nocase(line, "DATA"))
		kind = DATA;
	else if (span_starts_nocase(line, "AUTH "))
		kind = AUTH;
	return say(c, out, line, kind);
}

int smtp_client_auth_line(struct smtp_client *c, struct buf *out,
			  struct span line)
{
	if (!c->challenged || say(c, out, line, AUTH) < 0)
		return -1;
	c->challenged = false;
	return 0;
}

/* A message that was begun and cannot be ended: the connection is of no use. */
static int spoilt(struct smtp_client *c)
{
	if (c->dot.bad)
		(void)fail(c, ERR_BUG, "a message that is no CRLF text");
	return -1;
}

int smtp_client_body(struct smtp_client *c, struct buf *out, struct span bytes)
{
	if (!c->body || c->state != READY)
		return -1;
	return smtp_dot_write(&c->dot, out, bytes) < 0 ? spoilt(c) : 0;
}

int smtp_client_body_end(struct smtp_client *c, struct buf *out)
{
	char waits = (char)PLAIN;

	if (!c->body || c->state != READY || buf_room(&c->waiting) < 1)
		return -1;
	if (smtp_dot_write_end(&c->dot, out) < 0)
		return spoilt(c);
	c->body = false;
	return buf_put(&c->waiting, span_of(&waits, 1));
}

unsigned smtp_client_waiting(const struct smtp_client *c)
{
	return (unsigned)c->waiting.len;
}
