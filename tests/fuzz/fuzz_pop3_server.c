/* The client leg: the same bytes, cut otherwise, give the same events and the
 * same answers; what goes out is POP3; what is kept is bounded. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/engine/pop3_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 8 * 1024 * 1024, KEPT_MAX = POP3_SERVER_SASL_MAX };

struct player {
	struct pop3_server *server;
	struct buf in, out, trace;
	unsigned dice;		/* what the session answers */
	bool logged_in, in_sasl, over;
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

static void trace_event(struct player *p, const struct pop3_server_event *event)
{
	buf_printf(&p->trace, "[%d %d %u %u ", (int)event->kind, (int)event->command,
		   event->number, event->lines);
	put_span(&p->trace, event->name);
	put_span(&p->trace, event->password);
	put_span(&p->trace, event->mechanism);
	put_span(&p->trace, event->response);
	put_span(&p->trace, event->text);
	if (event->why)
		buf_puts(&p->trace, event->why);
	buf_puts(&p->trace, "]");
}

/* Every line is +OK, -ERR or a challenge, and holds no stray CR or LF. */
static void check_out(struct player *p)
{
	struct span rest = buf_span(&p->out);

	while (rest.len) {
		size_t len = span_find(rest, '\n');

		if (len == rest.len || len < 3 || rest.at[len - 1] != '\r' ||
		    !(span_starts_nocase(rest, "+OK") || span_starts_nocase(rest, "-ERR") ||
		      span_starts_nocase(rest, "+ ")) ||
		    memchr(rest.at, '\r', len - 1))
			abort();
		rest = span_skip(rest, len + 1);
	}
	buf_put(&p->trace, buf_span(&p->out));
	buf_clear(&p->out);
}

/* What no session could make anything of does not come. */
static void check_event(const struct player *p, const struct pop3_server_event *event)
{
	bool login = event->command == POP3_PASS || event->command == POP3_AUTH;

	if (event->kind == POP3_SERVER_LINE && !p->in_sasl)
		abort();
	if (event->kind != POP3_SERVER_COMMAND)
		return;
	if (event->command == POP3_STLS || event->command == POP3_USER ||
	    (login && (p->logged_in || !pop3_server_plaintext(p->server))) ||
	    (!login && !p->logged_in && event->command != POP3_CAPA &&
	     event->command != POP3_QUIT))
		abort();
	if ((event->command == POP3_PASS && (!event->name.len || !event->password.at)) ||
	    (event->command == POP3_AUTH && !event->mechanism.len) ||
	    ((event->command == POP3_RETR || event->command == POP3_DELE ||
	      event->command == POP3_TOP) && !event->number))
		abort();
}

static void answer(struct player *p, const struct pop3_server_event *event)
{
	bool login = event->kind == POP3_SERVER_LINE ||
		     (event->kind == POP3_SERVER_COMMAND &&
		      (event->command == POP3_PASS || event->command == POP3_AUTH));
	bool sasl = login && !(event->kind == POP3_SERVER_COMMAND &&
			       event->command == POP3_PASS);

	if (event->kind == POP3_SERVER_FATAL) {
		p->over = true;
		return;
	}
	if (event->kind == POP3_SERVER_STLS) {
		pop3_server_secured(p->server);
		return;
	}
	p->in_sasl = sasl && roll(&p->dice) % 2;
	if (p->in_sasl) {
		pop3_server_continue(p->server, &p->out, span_str("eA=="));
		return;
	}
	if (roll(&p->dice) % 32 == 0) {
		buf_puts(&p->out, "-ERR [SYS/TEMP] going\r\n");
		pop3_server_end(p->server);
		return;
	}
	if (login && roll(&p->dice) % 2) {
		pop3_server_logged_in(p->server);
		p->logged_in = true;
	}
	buf_puts(&p->out, "+OK\r\n");
	pop3_server_done(p->server);
}

static void feed(struct player *p, struct span bytes)
{
	struct pop3_server_event event;

	buf_put(&p->in, bytes);
	while (!p->over && pop3_server_next(p->server, &p->in, &p->out, &event) !=
	       POP3_SERVER_MORE) {
		check_out(p);
		check_event(p, &event);
		trace_event(p, &event);
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

/* How much a client sends that waits behind STLS, where it must: what comes
 * together there is no matter of splits. */
static size_t turn(struct span bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		struct span rest = span_skip(bytes, at);
		size_t len = span_find(rest, '\n');

		at += len < rest.len ? len + 1 : len;
		if (says(span_of(rest.at, len), "STLS"))
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

static void play(struct player *p, unsigned bits, struct span bytes, unsigned cuts)
{
	struct pop3_server_setup setup = {
		.tls = (enum leg_tls)(bits % 4),
		.plaintext_auth = bits & 4,
		.bad_commands = 10,
	};

	*p = (struct player){ .server = pop3_server_new(&setup), .dice = bits };
	buf_init(&p->in, ROOM);
	buf_init(&p->out, ROOM);
	buf_init(&p->trace, ROOM);
	if (bits & 8) {
		pop3_server_logged_in(p->server);
		p->logged_in = true;
	}
	pop3_server_greet(p->server, &p->out, "gw.example");
	while (bytes.len && !p->over) {
		size_t len = turn(bytes);

		feed_turn(p, span_of(bytes.at, len), &cuts);
		bytes = span_skip(bytes, len);
	}
}

static void done(struct player *p)
{
	pop3_server_free(p->server);
	buf_free(&p->in);
	buf_free(&p->out);
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
