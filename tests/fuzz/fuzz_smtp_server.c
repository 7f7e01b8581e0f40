/* The client leg: the same bytes, cut otherwise, give the same events and the
 * same answers; what goes out is SMTP; what is kept is bounded. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/engine/smtp_reply.h"
#include "proxy/engine/smtp_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 8 * 1024 * 1024, KEPT_MAX = 13 * 1024 };

struct player {
	struct smtp_server *server;
	struct buf in, out, body, trace;
	unsigned dice;		/* what the session answers */
	bool over;
};

static unsigned roll(unsigned *dice)
{
	*dice = *dice * 1103515245 + 12345;
	return *dice >> 16;
}

static void put_span(struct buf *trace, struct span text)
{
	buf_printf(trace, "%zu:", text.len);
	if (text.len)
		buf_put(trace, text);
}

static void trace_event(struct player *p, const struct smtp_server_event *event)
{
	buf_printf(&p->trace, "[%d %d ", (int)event->kind, event->has_response);
	put_span(&p->trace, event->text);
	put_span(&p->trace, event->line);
	for (size_t i = 0; i < event->parameters_n; i++)
		put_span(&p->trace, event->parameters[i].raw);
	if (event->kind == SMTP_SERVER_BODY_END)
		put_span(&p->trace, buf_span(&p->body));
	if (event->why)
		buf_puts(&p->trace, event->why);
	buf_puts(&p->trace, "]");
}

/* Every line is three digits, blank or hyphen, text, CRLF. */
static void check_out(struct player *p)
{
	struct span rest = buf_span(&p->out);

	while (rest.len) {
		size_t len = span_find(rest, '\n');

		if (len == rest.len || len < 5 || rest.at[len - 1] != '\r' ||
		    rest.at[0] < '2' || rest.at[0] > '5' ||
		    (rest.at[3] != ' ' && rest.at[3] != '-') ||
		    memchr(rest.at, '\r', len - 1))
			abort();
		rest = span_skip(rest, len + 1);
	}
	buf_put(&p->trace, buf_span(&p->out));
	buf_clear(&p->out);
}

static void say_reply(struct player *p)
{
	static const unsigned codes[] = { 250, 250, 250, 250, 451, 550, 421, 354 };
	unsigned code = codes[roll(&p->dice) % 8];
	struct reply reply;
	char *lines[] = { "a", "b" };
	struct smtp_reply theirs = { code, { lines, 2 } };

	if (roll(&p->dice) % 2 || code == 354) {
		smtp_server_relay(p->server, &p->out, &theirs);
		return;
	}
	reply_set(&reply, code, "4.0.0", "reply");
	smtp_server_reply(p->server, &p->out, &reply);
}

static void say_auth(struct player *p)
{
	char *lines[] = { "2.7.0 a" };
	struct smtp_reply theirs = { 535, { lines, 1 } };

	if (roll(&p->dice) % 2) {
		smtp_server_auth_continue(p->server, &p->out, span_str("eA=="));
		return;
	}
	theirs.code = roll(&p->dice) % 2 ? 235 : 535;
	smtp_server_auth_done(p->server, &p->out, &theirs);
}

static void answer(struct player *p, const struct smtp_server_event *event)
{
	static const struct smtp_server_offer offer = {
		.size = 1000, .eight_bit = true, .smtputf8 = true, .dsn = true,
		.auth = "PLAIN",
	};

	switch (event->kind) {
	case SMTP_SERVER_HELLO:
		smtp_server_hello(p->server, &p->out, &offer);
		return;
	case SMTP_SERVER_STARTTLS:
		smtp_server_secured(p->server);
		return;
	case SMTP_SERVER_AUTH:
	case SMTP_SERVER_AUTH_LINE:
	case SMTP_SERVER_AUTH_CANCEL:
		say_auth(p);
		return;
	case SMTP_SERVER_DATA:
		if (roll(&p->dice) % 8)
			smtp_server_go_ahead(p->server, &p->out);
		else
			say_reply(p);
		return;
	case SMTP_SERVER_MAIL:
	case SMTP_SERVER_RCPT:
	case SMTP_SERVER_BODY_END:
		say_reply(p);
		return;
	case SMTP_SERVER_BODY:
		buf_put(&p->body, event->body);
		return;
	case SMTP_SERVER_QUIT:
	case SMTP_SERVER_FATAL:
		p->over = true;
		return;
	case SMTP_SERVER_MORE:
	case SMTP_SERVER_BODY_BAD:
	case SMTP_SERVER_RESET:
		return;
	}
}

static void feed(struct player *p, struct span bytes)
{
	struct smtp_server_event event;

	buf_put(&p->in, bytes);
	while (!p->over && smtp_server_next(p->server, &p->in, &p->out, &event) !=
	       SMTP_SERVER_MORE) {
		check_out(p);
		if (event.kind != SMTP_SERVER_BODY)
			trace_event(p, &event);
		if (event.kind == SMTP_SERVER_BODY_END ||
		    event.kind == SMTP_SERVER_BODY_BAD)
			buf_clear(&p->body);
		answer(p, &event);
	}
	check_out(p);
	if (!p->over && p->in.len > KEPT_MAX)
		abort();
}

static bool says(struct span line, const char *word)
{
	for (; line.len >= strlen(word); line = span_skip(line, 1))
		if (span_starts_nocase(line, word))
			return true;
	return false;
}

/*
 * How much a client sends that waits where it must: behind DATA, BDAT and
 * STARTTLS it is no matter of splits what comes together.
 */
static size_t turn(struct span bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		struct span rest = span_skip(bytes, at);
		size_t len = span_find(rest, '\n');
		struct span line = span_of(rest.at, len);

		at += len < rest.len ? len + 1 : len;
		if (says(line, "DATA") || says(line, "BDAT") ||
		    says(line, "STARTTLS"))
			return at;
	}
	return at;
}

/* In one piece, or in several when there are `cuts`. */
static void feed_turn(struct player *p, struct span bytes, unsigned *cuts)
{
	while (bytes.len && !p->over) {
		size_t len = bytes.len;

		if (*cuts)
			len = 1 + roll(cuts) % (len < 40 ? len : 40);
		feed(p, span_of(bytes.at, len));
		bytes = span_skip(bytes, len);
	}
}

static void play(struct player *p, unsigned setup_bits, struct span bytes,
		 unsigned cuts)
{
	struct smtp_server_setup setup = {
		.hostname = "gw.example",
		.tls = (enum leg_tls)(setup_bits % 4),
		.plaintext_auth = setup_bits & 4,
		.limits = { .message_size = 500, .text_line = 100,
			    .recipients = 3, .bad_commands = 10 },
	};

	*p = (struct player){ .server = smtp_server_new(&setup),
			      .dice = setup_bits };
	buf_init(&p->in, ROOM);
	buf_init(&p->out, ROOM);
	buf_init(&p->body, ROOM);
	buf_init(&p->trace, ROOM);
	while (bytes.len && !p->over) {
		size_t len = turn(bytes);

		feed_turn(p, span_of(bytes.at, len), &cuts);
		bytes = span_skip(bytes, len);
	}
}

static void done(struct player *p)
{
	smtp_server_free(p->server);
	buf_free(&p->in);
	buf_free(&p->out);
	buf_free(&p->body);
	buf_free(&p->trace);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct player whole, cut;
	struct span bytes;

	if (size < 2)
		return 0;
	bytes = span_of((const char *)data + 2, size - 2);
	play(&whole, data[0], bytes, 0);
	play(&cut, data[0], bytes, data[1] + 1U);
	if (!span_eq(buf_span(&whole.trace), buf_span(&cut.trace)))
		abort();
	done(&whole);
	done(&cut);
	return 0;
}
