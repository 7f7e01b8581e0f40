#include <stdlib.h>

#include "proxy/engine/header_piece.h"
#include "proxy/engine/mail_kind.h"
#include "proxy/session/pop3_upstream.h"

enum {
	PIECE = 32 * 1024,
	LOOK_MAX = 64 * 1024,	/* of the header of clear mail that is held back */
};

/* The message that the command names; NULL: refused. */
static struct pop3_message *named(struct pop3_session *s)
{
	unsigned number = s->command.number;

	if (number > 0 && number <= s->n && !s->messages[number - 1].deleted)
		return &s->messages[number - 1];
	pop3_state_say(s, "-ERR no such message");
	return NULL;
}

/* `more` comes when the client has taken some: it has a time for that. */
static void pause_here(struct pop3_session *s, void (*more)(struct session *base))
{
	s->base.more = more;
	conn_deadline(s->base.client, POP3_UPSTREAM_WAIT);
}

/* --- STAT, LIST --- */

static void stat_all(struct pop3_session *s)
{
	unsigned long long size = 0;
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		n += !s->messages[i].deleted;
		size += s->messages[i].deleted ? 0 : s->messages[i].size;
	}
	pop3_state_say(s, "+OK %zu %llu", n, size);
}

static void list_on(struct session *base)
{
	struct pop3_session *s = pop3_state_of(base);
	struct buf *out = conn_out(s->base.client);

	while (s->at < s->n) {
		const struct pop3_message *message = &s->messages[s->at++];

		if (!message->deleted)
			(void)buf_printf(out, "%zu %llu\r\n", s->at,
					 (unsigned long long)message->size);
		if (conn_full(s->base.client)) {
			pause_here(s, list_on);
			return;
		}
	}
	(void)buf_puts(out, ".\r\n");
	pop3_state_done(s);
}

static void list(struct pop3_session *s)
{
	const struct pop3_message *message;

	if (s->command.number) {
		message = named(s);
		if (message)
			pop3_state_say(s, "+OK %u %llu", s->command.number,
				       (unsigned long long)message->size);
		return;
	}
	(void)buf_puts(conn_out(s->base.client), "+OK messages follow\r\n");
	s->midst = true;
	s->at = 0;
	list_on(&s->base);
}

/* --- views --- */

/* How much of the view goes now: to the end, or of TOP the header and lines. */
static size_t piece_of(struct pop3_session *s, struct span rest)
{
	size_t len = 0;

	if (s->command.command == POP3_RETR)
		return rest.len < PIECE ? rest.len : PIECE;
	while (len < rest.len && len < PIECE) {
		size_t line = span_find(span_skip(rest, len), '\n');
		bool empty = line == 0 || (line == 1 && rest.at[len] == '\r');

		if (s->body && s->lines == 0)
			break;
		line = len + line < rest.len ? line + 1 : line;
		s->lines -= s->body;
		s->body |= empty;
		len += line;
	}
	return len;
}

static void send_on(struct session *base)
{
	struct pop3_session *s = pop3_state_of(base);

	while (s->base.client) {
		struct span rest = span_skip(s->shown.bytes, (size_t)s->sent);
		size_t len;

		if (conn_full(s->base.client)) {
			pause_here(s, send_on);
			return;
		}
		len = piece_of(s, rest);
		if (!len)
			break;
		pop3_state_put(s, span_of(rest.at, len));
		s->sent += len;
	}
	pop3_state_put_end(s);
	pop3_state_done(s);
}

static void relay_clear(struct pop3_session *s);

/* The view is here, or upstream's store is not what it was. */
static void show(struct pop3_session *s)
{
	const struct pop3_message *message = &s->messages[s->command.number - 1];

	if (message->kind == POP3_CLEAR) {
		relay_clear(s);
		return;
	}
	if (s->shown.bytes.len != message->size) {
		pop3_state_end(s, "-ERR [SYS/TEMP] upstream shows another message than before");
		return;
	}
	(void)buf_printf(conn_out(s->base.client), "+OK %llu octets\r\n",
			 (unsigned long long)message->size);
	s->midst = true;
	s->sent = 0;
	s->lines = s->command.lines;
	s->line_begins = true;
	s->body = false;
	send_on(&s->base);
}

/* --- clear mail: its header is looked at again, in pieces where it is long --- */

/* A provider that shows now what it did not show before, so that it would pass
 * without a view, is not believed. */
static void contradicted(struct pop3_session *s)
{
	log_warning(&s->base.log, "upstream contradicts itself", "message=%u", s->command.number);
	pop3_state_end(s, "-ERR [SYS/TEMP] upstream shows another message than before");
}

/* The first octets of what was held back go to the client. */
static void let_pass(struct pop3_session *s, size_t n)
{
	struct span all = buf_span(&s->text);

	if (!s->midst)
		(void)buf_printf(conn_out(s->base.client), "+OK %llu octets\r\n",
				 (unsigned long long)s->messages[s->command.number - 1].size);
	s->line_begins |= !s->midst;
	s->midst = true;
	pop3_state_put(s, span_skip(span_of(all.at, n), s->marks));
}

/* Looks at what is held back: all that will be held (`s->text` is full), or all that
 * there is. */
static void look(struct pop3_session *s, bool all_there)
{
	const char *hostname = s->base.setup.settings->gateway.hostname;
	struct span all = buf_span(&s->text);
	struct header_piece piece = { .passes = all.len };

	s->body = all_there || mail_kind_header_ends(all);
	if (!s->body)
		piece = header_piece_of(all);
	if (piece.claims || mail_kind_bears_verdict(all, hostname)) {
		contradicted(s);
		return;
	}
	let_pass(s, piece.passes);
	if (s->body)
		buf_wipe(&s->text);
	else
		header_piece_drop(&s->text, &piece, &s->marks);
}

static void hear_run(struct pop3_session *s, struct span run)
{
	while (run.len > 0 && !s->body && !s->base.ending) {
		size_t room = buf_room(&s->text), n = run.len < room ? run.len : room;

		(void)buf_put(&s->text, span_of(run.at, n));
		run = span_skip(run, n);
		if (n == room)
			look(s, false);
	}
	if (!s->base.ending)
		pop3_state_put(s, run);
}

static void hear_clear(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (event->kind == POP3_CLIENT_REPLY) {
		if (!event->ok || !event->lines)
			pop3_state_relay(s, event);
		return;
	}
	if (event->kind == POP3_CLIENT_RUN) {
		hear_run(s, event->text);
		return;
	}
	if (!s->body)
		look(s, true);
	if (s->base.ending)
		return;
	pop3_state_put_end(s);
	pop3_state_done(s);
}

static void relay_clear(struct pop3_session *s)
{
	buf_wipe(&s->text);
	buf_init(&s->text, LOOK_MAX);
	s->body = false;
	s->marks = 0;
	if (s->command.command == POP3_TOP)
		pop3_upstream_say(s, POP3_CLIENT_LINES, hear_clear, "TOP %u %u",
				  s->command.number, s->command.lines);
	else
		pop3_upstream_say(s, POP3_CLIENT_LINES, hear_clear, "RETR %u",
				  s->command.number);
}

static void retrieve(struct pop3_session *s)
{
	const struct pop3_message *message = named(s);

	if (!message)
		return;
	if (message->kind == POP3_WITHHELD)
		pop3_state_say(s, "-ERR [SYS/PERM] the message is larger than spool-memory, "
			       "and bears a verdict of the gateway that it did not give");
	else if (message->kind == POP3_CLEAR || message->kind == POP3_LARGE)
		relay_clear(s);
	else
		pop3_open_view(s, s->command.number - 1, show);
}

/* --- DELE, RSET, UIDL, QUIT --- */

static void on_deleted(struct pop3_session *s, const struct pop3_client_event *event)
{
	s->messages[s->command.number - 1].deleted |= event->ok;
	pop3_state_relay(s, event);
}

static void delete_it(struct pop3_session *s)
{
	if (named(s))
		pop3_upstream_say(s, POP3_CLIENT_SINGLE, on_deleted, "DELE %u",
				  s->command.number);
}

static void on_reset(struct pop3_session *s, const struct pop3_client_event *event)
{
	for (size_t i = 0; event->ok && i < s->n; i++)
		s->messages[i].deleted = false;
	pop3_state_relay(s, event);
}

static void hear_names(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (event->kind == POP3_CLIENT_REPLY) {
		if (!event->lines) {
			pop3_state_relay(s, event);
			return;
		}
		(void)buf_puts(conn_out(s->base.client), "+OK unique-ids follow\r\n");
		s->midst = true;
		s->line_begins = true;
		return;
	}
	if (event->kind == POP3_CLIENT_RUN) {
		pop3_state_put(s, event->text);
		return;
	}
	pop3_state_put_end(s);
	pop3_state_done(s);
}

static void names(struct pop3_session *s)
{
	if (s->command.number)
		pop3_upstream_say(s, POP3_CLIENT_SINGLE, pop3_state_relay, "UIDL %u",
				  s->command.number);
	else
		pop3_upstream_say(s, POP3_CLIENT_LINES, hear_names, "UIDL");
}

static void on_quit(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (event->ok)
		pop3_state_tell_deleted(s);
	pop3_state_end(s, event->ok ? "+OK bye"
				    : "-ERR upstream could not delete what was to be deleted");
}

void pop3_mail(struct pop3_session *s)
{
	switch (s->command.command) {
	case POP3_STAT:
		pop3_survey(s, stat_all);
		return;
	case POP3_LIST:
		pop3_survey(s, list);
		return;
	case POP3_RETR:
	case POP3_TOP:
		pop3_survey(s, retrieve);
		return;
	case POP3_DELE:
		pop3_survey(s, delete_it);
		return;
	case POP3_UIDL:
		names(s);
		return;
	case POP3_NOOP:
		pop3_upstream_say(s, POP3_CLIENT_SINGLE, pop3_state_relay, "NOOP");
		return;
	case POP3_RSET:
		pop3_upstream_say(s, POP3_CLIENT_SINGLE, on_reset, "RSET");
		return;
	case POP3_QUIT:
		pop3_upstream_say(s, POP3_CLIENT_SINGLE, on_quit, "QUIT");
		return;
	case POP3_CAPA:
	case POP3_STLS:
	case POP3_USER:
	case POP3_PASS:
	case POP3_AUTH:
		break;		/* not here */
	}
	pop3_state_say(s, "-ERR not here");
}
