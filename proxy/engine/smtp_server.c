#include "proxy/engine/smtp_server.h"

#include <inttypes.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/line.h"
#include "proxy/engine/smtp_commands.h"
#include "proxy/engine/smtp_reply.h"

enum {
	BODY_BIG = 1 << 8,	/* beside the faults of smtp_dot */
	OUT_ROOM = 16 * 1024,	/* octets: the longest answer, and 421 */
	TLS_HANDSHAKE = 0x16,	/* first byte of a TLS record (RFC 8446 5.1) */
};

struct smtp_server *smtp_server_new(const struct smtp_server_setup *setup)
{
	struct smtp_server *s = mem_new(sizeof(*s));

	s->setup = *setup;
	s->tls = setup->tls;
	buf_init(&s->line, SMTP_AUTH_LINE_MAX);
	return s;
}

void smtp_server_free(struct smtp_server *s)
{
	if (!s)
		return;
	buf_wipe(&s->line);
	free(s);
}

void smtp_server_say(struct buf *out, unsigned code, const char *status,
		     const char *text)
{
	(void)buf_printf(out, "%03u %s%s%s\r\n", code, status,
			 *status ? " " : "", text);
}

void smtp_server_fail(struct smtp_server *s, struct buf *out, const char *why)
{
	smtp_server_say(out, 421, "4.7.0", why);
	s->fatal = why;
}

void smtp_server_refuse(struct smtp_server *s, struct buf *out, unsigned code,
			const char *status, const char *text)
{
	s->bad++;
	if (s->bad >= s->setup.limits.bad_commands)
		smtp_server_fail(s, out, "too many bad commands");
	else
		smtp_server_say(out, code, status, text);
}

void smtp_server_forget(struct smtp_server *s)
{
	s->transaction = false;
	s->tried = s->accepted = 0;
}

void smtp_server_greet(struct smtp_server *s, struct buf *out)
{
	(void)buf_printf(out, "220 %s ESMTP Letterlock\r\n", s->setup.hostname);
}

void smtp_server_secured(struct smtp_server *s)
{
	s->tls = LEG_TLS_ACTIVE;
	s->parked = SMTP_SERVER_MORE;
	s->mode = SMTP_MODE_COMMAND;
	s->greeted = s->extended = s->logged_in = s->auth_offered = false;
	s->early = s->wary = s->hello_due = false;
	smtp_server_forget(s);
	buf_wipe(&s->line);
}

static bool park(struct smtp_server *s, struct smtp_server_event *event,
		 enum smtp_server_event_kind kind)
{
	event->kind = kind;
	s->parked = kind;
	return true;
}

/*
 * The line is kept, since `in` may change while its event is answered. What
 * may hold a password is erased where it came in.
 */
static void keep_line(struct smtp_server *s, struct span line)
{
	bool secret = s->mode == SMTP_MODE_AUTH ||
		      span_starts_nocase(line, "AUTH ");

	buf_clear(&s->line);
	(void)buf_put(&s->line, line);
	if (secret)
		secret_erase((char *)line.at, line.len);
}

static void start_dropping(struct smtp_server *s, bool too_long)
{
	s->dropped = 0;
	s->dropped_long = too_long;
	s->dropped_auth = s->mode == SMTP_MODE_AUTH;
	s->mode = SMTP_MODE_DROP;
}

/* All of a line that was refused is gone: says so. */
static bool dropped(struct smtp_server *s, struct buf *out,
		    struct smtp_server_event *event)
{
	s->mode = SMTP_MODE_COMMAND;
	if (s->dropped_auth)
		return park(s, event, SMTP_SERVER_AUTH_CANCEL);
	if (s->wary)
		smtp_server_fail(s, out, "a message came where none was due");
	else if (s->dropped_long)
		smtp_server_refuse(s, out, 500, "5.5.2", "line too long");
	else
		smtp_server_refuse(s, out, 501, "5.5.2",
				   "NUL, bare CR or bare LF in a line");
	return false;
}

/* -1: more bytes are needed; 0: go on; 1: hand out `event`. */
static int drop_next(struct smtp_server *s, struct buf *in, struct buf *out,
		     struct smtp_server_event *event)
{
	enum line_result result = line_drop(in, &s->dropped);

	if (s->dropped > SMTP_LINE_DROP_MAX) {
		smtp_server_fail(s, out, "a line without end");
		return 0;
	}
	if (result == LINE_MORE)
		return -1;
	return dropped(s, out, event);
}

static int line_next(struct smtp_server *s, struct buf *in, struct buf *out,
		     struct smtp_server_event *event)
{
	bool answer = s->mode == SMTP_MODE_AUTH;
	struct span seen = buf_span(in), line;
	size_t max = answer || span_starts_nocase(seen, "AUTH ")
		     ? SMTP_AUTH_LINE_MAX - 2 : SMTP_COMMAND_LINE_MAX - 2;
	enum line_result result;

	if (seen.len && seen.at[0] == TLS_HANDSHAKE) {
		smtp_server_fail(s, out, "TLS came where none was due");
		return 0;
	}
	result = line_take(in, max, &line, NULL);
	if (result == LINE_MORE)
		return -1;
	if (result != LINE_TAKEN) {
		start_dropping(s, result == LINE_LONG);
		return 0;
	}
	keep_line(s, line);
	if (!answer) {
		s->early = in->len > 0;
		return smtp_commands_run(s, out, event);
	}
	s->mode = SMTP_MODE_COMMAND;
	event->line = buf_span(&s->line);
	return park(s, event, span_is(event->line, "*")
		    ? SMTP_SERVER_AUTH_CANCEL : SMTP_SERVER_AUTH_LINE);
}

/* The end of a message that must not be sent. */
static bool body_bad(struct smtp_server *s, struct buf *out,
		     struct smtp_server_event *event)
{
	static const struct {
		unsigned fault;
		struct smtp_syntax_fault say;
	} answers[] = {
		{ SMTP_DOT_BARE, { 550, "5.6.11", "bare CR or LF in the message" } },
		{ SMTP_DOT_NUL, { 550, "5.6.0", "NUL in the message" } },
		{ SMTP_DOT_LONG, { 554, "5.6.0", "too long a line in the message" } },
		{ BODY_BIG, { 552, "5.3.4", "message too large" } },
	};
	size_t i = 0;

	while (!(s->dot.faults & answers[i].fault))
		i++;
	smtp_server_say(out, answers[i].say.code, answers[i].say.status,
			answers[i].say.text);
	smtp_server_forget(s);
	event->kind = SMTP_SERVER_BODY_BAD;
	event->why = answers[i].say.text;
	return true;
}

static int body_next(struct smtp_server *s, struct buf *in, struct buf *out,
		     struct smtp_server_event *event)
{
	struct span run;
	size_t taken;

	switch (smtp_dot_read(&s->dot, buf_span(in), &taken, &run)) {
	case SMTP_DOT_MORE:
		buf_drop(in, taken);
		return taken ? 0 : -1;
	case SMTP_DOT_END:
		buf_drop(in, taken);
		s->mode = SMTP_MODE_COMMAND;
		if (s->dot.faults)
			return body_bad(s, out, event);
		return park(s, event, SMTP_SERVER_BODY_END);
	case SMTP_DOT_RUN:
		break;
	}
	s->body_size += run.len;
	if (s->body_size > s->setup.limits.message_size)
		s->dot.faults |= BODY_BIG;
	if (s->dot.faults) {
		buf_drop(in, taken);
		return 0;
	}
	event->kind = SMTP_SERVER_BODY;
	event->body = run;
	s->run = taken;		/* dropped with the next call */
	return 1;
}

static int step(struct smtp_server *s, struct buf *in, struct buf *out,
		struct smtp_server_event *event)
{
	switch (s->mode) {
	case SMTP_MODE_BODY:
		return body_next(s, in, out, event);
	case SMTP_MODE_DROP:
		return drop_next(s, in, out, event);
	case SMTP_MODE_COMMAND:
	case SMTP_MODE_AUTH:
		break;
	}
	return line_next(s, in, out, event);
}

enum smtp_server_event_kind smtp_server_next(struct smtp_server *s,
					     struct buf *in, struct buf *out,
					     struct smtp_server_event *event)
{
	int got = 0;

	*event = (struct smtp_server_event){ .kind = SMTP_SERVER_MORE };
	buf_drop(in, s->run);
	s->run = 0;
	if (s->parked != SMTP_SERVER_MORE) {
		s->early |= in->len > 0;
		return SMTP_SERVER_MORE;
	}
	if (s->hello_due) {
		smtp_commands_hello(s, event);
		return event->kind;
	}
	while (got == 0 && !s->fatal) {
		*event = (struct smtp_server_event){ .kind = SMTP_SERVER_MORE };
		/* Somebody who sends and never reads. */
		if (buf_room(out) < OUT_ROOM)
			smtp_server_fail(s, out, "answers were not read");
		else
			got = step(s, in, out, event);
	}
	if (got == 0) {
		event->kind = SMTP_SERVER_FATAL;
		event->why = s->fatal;
	}
	return event->kind;
}

static void put_line(struct buf *out, bool last, const char *text)
{
	(void)buf_printf(out, "250%c%s\r\n", last ? ' ' : '-', text);
}

void smtp_server_hello(struct smtp_server *s, struct buf *out,
		       const struct smtp_server_offer *offer)
{
	bool may_log_in = s->tls == LEG_TLS_ACTIVE ||
			  (s->setup.plaintext_auth && s->tls != LEG_TLS_REQUIRED);

	s->parked = SMTP_SERVER_MORE;
	s->greeted = true;
	s->auth_offered = s->extended && may_log_in && offer->auth;
	put_line(out, !s->extended, s->setup.hostname);
	if (!s->extended)
		return;
	put_line(out, false, "PIPELINING");
	if (offer->size)
		(void)buf_printf(out, "250-SIZE %" PRIu64 "\r\n", offer->size);
	else
		put_line(out, false, "SIZE");
	if (offer->eight_bit)
		put_line(out, false, "8BITMIME");
	if (offer->eight_bit && offer->smtputf8)
		put_line(out, false, "SMTPUTF8");	/* RFC 6531 3.1 */
	if (offer->dsn)
		put_line(out, false, "DSN");
	if (s->tls == LEG_TLS_OFFERED || s->tls == LEG_TLS_REQUIRED)
		put_line(out, false, "STARTTLS");
	if (s->auth_offered)
		(void)buf_printf(out, "250-AUTH %s\r\n", offer->auth);
	put_line(out, true, "ENHANCEDSTATUSCODES");
}

/* The event at work was answered with `code`: what follows from it. */
static void answered(struct smtp_server *s, unsigned code)
{
	bool good = code / 100 == 2;

	switch (s->parked) {
	case SMTP_SERVER_HELLO:
		s->greeted = good;
		break;
	case SMTP_SERVER_MAIL:
		s->transaction = good;
		break;
	case SMTP_SERVER_RCPT:
		s->tried++;
		s->accepted += good;
		break;
	case SMTP_SERVER_DATA:
		s->wary = true;
		break;
	case SMTP_SERVER_BODY_END:
		smtp_server_forget(s);
		break;
	case SMTP_SERVER_AUTH:
	case SMTP_SERVER_AUTH_LINE:
	case SMTP_SERVER_AUTH_CANCEL:
		s->logged_in = code == 235;
		break;
	case SMTP_SERVER_MORE:
	case SMTP_SERVER_STARTTLS:
	case SMTP_SERVER_BODY:
	case SMTP_SERVER_BODY_BAD:
	case SMTP_SERVER_RESET:
	case SMTP_SERVER_QUIT:
	case SMTP_SERVER_FATAL:
		break;
	}
	s->parked = SMTP_SERVER_MORE;
	if (code == 421 && !s->fatal)
		s->fatal = "421 was answered";
}

/*
 * Bytes behind a DATA that the client did not wait for: no answer but the end
 * will do, or they run as commands (RFC 2920 3.1).
 */
static bool spoilt(struct smtp_server *s, struct buf *out)
{
	if (s->parked != SMTP_SERVER_DATA || !s->early)
		return false;
	s->parked = SMTP_SERVER_MORE;
	smtp_server_fail(s, out, "bytes came before the 354");
	return true;
}

void smtp_server_reply(struct smtp_server *s, struct buf *out,
		       const struct reply *reply)
{
	if (spoilt(s, out))
		return;
	smtp_server_say(out, reply->code, reply->status, reply->text);
	answered(s, reply->code);
}

void smtp_server_relay(struct smtp_server *s, struct buf *out,
		       const struct smtp_reply *reply)
{
	unsigned kind = reply->code / 100;

	if (spoilt(s, out))
		return;
	/* A 3xx here would make the client send what we take for commands. */
	if ((kind != 2 && kind != 4 && kind != 5) || !reply->lines.n) {
		smtp_server_say(out, 451, "4.3.0", "upstream answered out of order");
		answered(s, 451);
		return;
	}
	(void)smtp_reply_put(out, reply);
	answered(s, reply->code);
}

void smtp_server_go_ahead(struct smtp_server *s, struct buf *out)
{
	if (spoilt(s, out))
		return;
	smtp_server_say(out, 354, "", "go ahead, end with a dot");
	s->parked = SMTP_SERVER_MORE;
	s->mode = SMTP_MODE_BODY;
	s->body_size = 0;
	smtp_dot_reader_init(&s->dot, s->setup.limits.text_line);
}

void smtp_server_auth_continue(struct smtp_server *s, struct buf *out,
			       struct span challenge)
{
	char *text = span_dup(challenge);
	struct smtp_reply reply = { .code = 334, .lines = { &text, 1 } };

	(void)smtp_reply_put(out, &reply);
	free(text);
	buf_wipe(&s->line);
	s->parked = SMTP_SERVER_MORE;
	s->mode = SMTP_MODE_AUTH;
}

void smtp_server_auth_done(struct smtp_server *s, struct buf *out,
			   const struct smtp_reply *reply)
{
	buf_wipe(&s->line);
	if (reply->code / 100 == 5)
		s->bad++;	/* guessing has its end, too */
	smtp_server_relay(s, out, reply);
}

void smtp_server_end(struct smtp_server *s, struct buf *out,
		     const struct reply *reply)
{
	if (s->fatal)
		return;
	smtp_server_say(out, reply->code, reply->status, reply->text);
	s->parked = SMTP_SERVER_MORE;
	s->fatal = "ended by the session";
}
