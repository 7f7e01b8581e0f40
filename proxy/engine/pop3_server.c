#include "proxy/engine/pop3_server.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/line.h"

enum {
	BAD_EARLY_MAX = 5,	/* bad commands of somebody unknown */
	CRLF = 2,
};

/* When a command may be said. */
enum {
	EARLY = 1 << 0,		/* without TLS where that is required */
	NEW = 1 << 1,		/* AUTHORIZATION */
	LOGGED_IN = 1 << 2,	/* TRANSACTION */
};

enum arguments { NONE, REST, MECHANISM, NUMBER, MAYBE_NUMBER, TWO_NUMBERS };

struct row {
	const char *verb;
	enum pop3_command command;
	unsigned states;
	enum arguments arguments;
};

static const struct row rows[] = {
	{ "CAPA", POP3_CAPA, EARLY | NEW | LOGGED_IN, NONE },
	{ "STLS", POP3_STLS, EARLY | NEW, NONE },
	{ "USER", POP3_USER, NEW, REST },
	{ "PASS", POP3_PASS, NEW, REST },
	{ "AUTH", POP3_AUTH, NEW, MECHANISM },
	{ "STAT", POP3_STAT, LOGGED_IN, NONE },
	{ "LIST", POP3_LIST, LOGGED_IN, MAYBE_NUMBER },
	{ "UIDL", POP3_UIDL, LOGGED_IN, MAYBE_NUMBER },
	{ "RETR", POP3_RETR, LOGGED_IN, NUMBER },
	{ "TOP", POP3_TOP, LOGGED_IN, TWO_NUMBERS },
	{ "DELE", POP3_DELE, LOGGED_IN, NUMBER },
	{ "NOOP", POP3_NOOP, LOGGED_IN, NONE },
	{ "RSET", POP3_RSET, LOGGED_IN, NONE },
	{ "QUIT", POP3_QUIT, EARLY | NEW | LOGGED_IN, NONE },
};

struct pop3_server {
	struct pop3_server_setup setup;
	enum leg_tls tls;
	bool logged_in;
	bool sasl;		/* the next line is an answer to "+" */
	bool skipping;		/* up to the end of a line that was refused */
	/* The event that waits for its answer; MORE when none does. */
	enum pop3_server_event_kind parked;
	const char *fatal;	/* why it is over, or NULL */
	struct buf user;	/* of USER */
	struct buf line;	/* of the event that was handed out */
	unsigned bad;		/* commands */
};

struct pop3_server *pop3_server_new(const struct pop3_server_setup *setup)
{
	struct pop3_server *s = mem_new(sizeof(*s));

	s->setup = *setup;
	s->tls = setup->tls;
	buf_init(&s->user, POP3_SERVER_LINE_MAX);
	buf_init(&s->line, POP3_SERVER_SASL_MAX);
	return s;
}

void pop3_server_free(struct pop3_server *s)
{
	if (!s)
		return;
	buf_wipe(&s->user);
	buf_wipe(&s->line);
	free(s);
}

void pop3_server_greet(struct pop3_server *s, struct buf *out, const char *hostname)
{
	(void)s;
	(void)buf_printf(out, "+OK %s Letterlock ready\r\n", hostname);
}

void pop3_server_done(struct pop3_server *s)
{
	s->parked = POP3_SERVER_MORE;
	s->sasl = false;
	buf_wipe(&s->line);
}

void pop3_server_secured(struct pop3_server *s)
{
	pop3_server_done(s);
	buf_wipe(&s->user);
	s->tls = LEG_TLS_ACTIVE;
}

void pop3_server_logged_in(struct pop3_server *s)
{
	s->logged_in = true;
	buf_wipe(&s->user);
}

bool pop3_server_stls(const struct pop3_server *s)
{
	return !s->logged_in &&
	       (s->tls == LEG_TLS_OFFERED || s->tls == LEG_TLS_REQUIRED);
}

bool pop3_server_plaintext(const struct pop3_server *s)
{
	return s->tls == LEG_TLS_ACTIVE ||
	       (s->tls != LEG_TLS_REQUIRED && s->setup.plaintext_auth);
}

void pop3_server_continue(struct pop3_server *s, struct buf *out, struct span text)
{
	(void)buf_puts(out, "+ ");
	(void)buf_put(out, text);
	(void)buf_puts(out, "\r\n");
	pop3_server_done(s);
	s->sasl = true;
}

void pop3_server_end(struct pop3_server *s)
{
	s->fatal = "ended by the gateway";
	s->parked = POP3_SERVER_MORE;
}

/* Answers a command that was wrong: too many of them are the end. */
static void refuse(struct pop3_server *s, struct buf *out, const char *words)
{
	unsigned most = s->logged_in ? s->setup.bad_commands : BAD_EARLY_MAX;

	(void)buf_printf(out, "-ERR %s\r\n", words);
	pop3_server_done(s);
	if (++s->bad < most)
		return;
	s->fatal = "too many bad commands";
}

static const struct row *find(struct span verb)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (span_is_nocase(verb, rows[i].verb))
			return &rows[i];
	return NULL;
}

/* Numbers of messages, and of lines, have at most nine digits here. */
static bool number(struct span text, unsigned *to)
{
	unsigned long long value;

	if (text.len > 9 || !span_number(text, &value))
		return false;
	*to = (unsigned)value;
	return true;
}

/* Neither a name nor a password holds these (THREATS 31). */
static bool clean(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f)
			return false;
	return true;
}

static bool read_mechanism(struct span rest, struct pop3_server_event *event)
{
	size_t blank = span_find(rest, ' ');

	event->mechanism = span_of(rest.at, blank);
	event->response = span_skip(rest, blank + 1);
	if (!blank || (blank < rest.len && !event->response.len))
		return false;
	return span_find(event->response, ' ') == event->response.len;
}

/* False: they are not what the command takes. */
static bool read_arguments(enum arguments what, bool given, struct span rest,
			   struct pop3_server_event *event)
{
	size_t blank = span_find(rest, ' ');

	switch (what) {
	case NONE:
		return !given;
	case REST:
		return rest.len && clean(rest);
	case MECHANISM:
		return clean(rest) && read_mechanism(rest, event);
	case MAYBE_NUMBER:
		if (!given)
			return true;
		return number(rest, &event->number) && event->number;
	case NUMBER:
		return number(rest, &event->number) && event->number;
	case TWO_NUMBERS:
		return number(span_of(rest.at, blank), &event->number) &&
		       event->number && blank < rest.len &&
		       number(span_skip(rest, blank + 1), &event->lines);
	}
	return false;
}

/* Why a command that is well-formed may not be said now; NULL: it may. */
static const char *forbids(const struct pop3_server *s, const struct row *row)
{
	if (s->tls == LEG_TLS_REQUIRED && !(row->states & EARLY))
		return "TLS is needed first: STLS";
	if (!s->logged_in && !(row->states & NEW))
		return "log in first";
	if (s->logged_in && !(row->states & LOGGED_IN))
		return "not now: somebody is logged in";
	if (row->command == POP3_STLS && !pop3_server_stls(s))
		return s->tls == LEG_TLS_ACTIVE ? "TLS is active already"
						 : "TLS is not offered here";
	if ((row->command == POP3_USER || row->command == POP3_PASS ||
	     row->command == POP3_AUTH) && !pop3_server_plaintext(s))
		return "a password would travel in the clear: use TLS";
	if (row->command == POP3_PASS && !s->user.len)
		return "USER comes first";
	return NULL;
}

static size_t longest(enum pop3_command command)
{
	if (command == POP3_AUTH)
		return POP3_SERVER_SASL_MAX - CRLF;
	return command == POP3_PASS ? POP3_SERVER_PASS_MAX - CRLF
				    : POP3_SERVER_LINE_MAX - CRLF;
}

/* A command that is in order: an event, or answered here. */
static enum pop3_server_event_kind take(struct pop3_server *s, struct buf *out,
					struct pop3_server_event *event,
					struct span rest)
{
	event->kind = POP3_SERVER_COMMAND;
	if (event->command == POP3_USER) {
		buf_wipe(&s->user);
		(void)buf_put(&s->user, rest);
		(void)buf_puts(out, "+OK\r\n");
		pop3_server_done(s);
		return event->kind = POP3_SERVER_MORE;
	}
	if (event->command == POP3_STLS) {
		(void)buf_puts(out, "+OK begin TLS\r\n");
		event->kind = POP3_SERVER_STLS;
	}
	if (event->command == POP3_PASS) {
		event->name = buf_span(&s->user);
		event->password = rest;
	}
	return s->parked = event->kind;
}

static enum pop3_server_event_kind on_command(struct pop3_server *s,
					      struct buf *out,
					      struct pop3_server_event *event)
{
	struct span line = buf_span(&s->line);
	size_t blank = span_find(line, ' ');
	const struct row *row = find(span_of(line.at, blank));
	struct span rest = span_skip(line, blank + 1);
	const char *why = row ? forbids(s, row) : "that command is not known here";

	if (!why && line.len > longest(row->command))
		why = "too long a line";
	if (!why && !read_arguments(row->arguments, blank < line.len, rest, event))
		why = "these arguments are not in order";
	if (why) {
		refuse(s, out, why);
		return POP3_SERVER_MORE;
	}
	event->command = row->command;
	return take(s, out, event, rest);
}

/* How long the line that begins in `in` may be, at most. */
static size_t line_max(const struct pop3_server *s, const struct buf *in)
{
	if (s->sasl || span_starts_nocase(buf_span(in), "AUTH "))
		return POP3_SERVER_SASL_MAX - CRLF;
	return POP3_SERVER_PASS_MAX - CRLF;
}

static enum pop3_server_event_kind on_line(struct pop3_server *s, struct buf *out,
					   struct pop3_server_event *event,
					   struct span line)
{
	(void)buf_put(&s->line, line);
	if (!s->sasl)
		return on_command(s, out, event);
	s->sasl = false;
	event->text = buf_span(&s->line);
	event->kind = POP3_SERVER_LINE;
	return s->parked = event->kind;
}

/* A line that cannot be read. In the midst of SASL that is its end, too: the
 * session hears "*", which no client can have meant otherwise. */
static enum pop3_server_event_kind bad_line(struct pop3_server *s, struct buf *out,
					    struct pop3_server_event *event)
{
	if (s->sasl)
		return on_line(s, out, event, span_str("*"));
	refuse(s, out, "a line too long, or with a stray CR, LF or NUL");
	return POP3_SERVER_MORE;
}

static enum pop3_server_event_kind step(struct pop3_server *s, struct buf *in,
					struct buf *out,
					struct pop3_server_event *event)
{
	struct err err = { ERR_NONE, "" };
	struct span line;
	size_t dropped = 0;

	if (!s->skipping) {
		switch (line_take(in, line_max(s, in), &line, &err)) {
		case LINE_MORE:
			return POP3_SERVER_MORE;
		case LINE_TAKEN:
			return on_line(s, out, event, line);
		case LINE_LONG:
		case LINE_BAD:
			s->skipping = true;
			break;
		}
	}
	if (line_drop(in, &dropped) != LINE_TAKEN)
		return POP3_SERVER_MORE;
	s->skipping = false;
	return bad_line(s, out, event);
}

enum pop3_server_event_kind pop3_server_next(struct pop3_server *s, struct buf *in,
					     struct buf *out,
					     struct pop3_server_event *event)
{
	size_t before;

	*event = (struct pop3_server_event){ .kind = POP3_SERVER_MORE };
	if (s->parked != POP3_SERVER_MORE)
		return POP3_SERVER_MORE;
	do {
		before = in->len;
		if (!s->fatal && step(s, in, out, event) != POP3_SERVER_MORE)
			return event->kind;
		*event = (struct pop3_server_event){ .kind = POP3_SERVER_MORE };
	} while (!s->fatal && in->len < before);
	if (s->fatal) {
		event->why = s->fatal;
		event->kind = POP3_SERVER_FATAL;
	}
	return event->kind;
}
