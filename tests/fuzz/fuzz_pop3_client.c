/* The upstream leg: the same bytes, cut otherwise, give the same events and
 * commands; no reply is handed out that nothing asked for; lines end. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/engine/pop3_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 8 * 1024 * 1024, KEPT_MAX = POP3_CLIENT_LINE_MAX };

struct player {
	struct pop3_client *client;
	struct buf in, out, trace, runs;
	unsigned dice;		/* what the session does */
	unsigned asked, replied;
	bool ready, in_lines, line_due, over;
};

static unsigned roll(unsigned *dice)
{
	*dice = *dice * 1103515245 + 12345;
	return *dice >> 16;
}

static void say(struct player *p)
{
	static const struct {
		enum pop3_client_kind kind;
		const char *line;
	} commands[] = {
		{ POP3_CLIENT_SINGLE, "STAT" }, { POP3_CLIENT_LINES, "UIDL" },
		{ POP3_CLIENT_LINES, "RETR 1" }, { POP3_CLIENT_SINGLE, "bad\nline" },
		{ POP3_CLIENT_SASL, "AUTH LOGIN" }, { POP3_CLIENT_SINGLE, "NOOP" },
	};
	size_t i = roll(&p->dice) % 6;

	p->asked += pop3_client_command(p->client, &p->out, commands[i].kind,
					span_str(commands[i].line)) == 0;
}

/* No line of ours holds a line end in its middle. */
static void check_out(struct player *p)
{
	struct span rest = buf_span(&p->out);

	while (rest.len) {
		size_t len = span_find(rest, '\n');

		if (len == rest.len || len < 1 || rest.at[len - 1] != '\r' ||
		    memchr(rest.at, '\r', len - 1))
			abort();
		rest = span_skip(rest, len + 1);
	}
	buf_put(&p->trace, buf_span(&p->out));
	buf_clear(&p->out);
}

static void trace_event(struct player *p, const struct pop3_client_event *event,
			const struct err *err)
{
	if (event->kind == POP3_CLIENT_RUN) {
		buf_put(&p->runs, event->text);	/* cut as it may be */
		return;
	}
	buf_printf(&p->trace, "[%d %d %d ", (int)event->kind, event->ok, event->lines);
	if (event->kind == POP3_CLIENT_FAILED)
		buf_printf(&p->trace, "%d %s", (int)err->kind, err->text);
	if (event->kind == POP3_CLIENT_REPLY || event->kind == POP3_CLIENT_CONTINUE)
		buf_put(&p->trace, event->text);
	if (event->kind == POP3_CLIENT_END) {
		buf_put(&p->trace, buf_span(&p->runs));
		buf_clear(&p->runs);
	}
	buf_puts(&p->trace, "]");
}

/* Runs come between a reply with lines and their end, and nowhere else. */
static void check_event(struct player *p, const struct pop3_client_event *event)
{
	switch (event->kind) {
	case POP3_CLIENT_RUN:
	case POP3_CLIENT_END:
		if (!p->in_lines || (event->kind == POP3_CLIENT_RUN && !event->text.len))
			abort();
		p->in_lines = event->kind == POP3_CLIENT_RUN;
		return;
	case POP3_CLIENT_REPLY:
		if (p->in_lines || ++p->replied > p->asked || (event->lines && !event->ok))
			abort();
		p->in_lines = event->lines;
		return;
	case POP3_CLIENT_CONTINUE:
	case POP3_CLIENT_READY:
		if (p->in_lines)
			abort();
		p->ready |= event->kind == POP3_CLIENT_READY;
		return;
	case POP3_CLIENT_STLS:
		if (p->ready)
			abort();
		return;
	case POP3_CLIENT_MORE:
	case POP3_CLIENT_FAILED:
		return;
	}
}

static void act(struct player *p, const struct pop3_client_event *event)
{
	if (event->kind == POP3_CLIENT_STLS) {
		pop3_client_secured(p->client, &p->out);
		return;
	}
	if (event->kind == POP3_CLIENT_RUN)
		return;	/* how often it comes is a matter of splits */
	if (event->kind == POP3_CLIENT_CONTINUE &&
	    pop3_client_line(p->client, &p->out, span_str("eA==")) < 0)
		abort();
	if (p->ready)
		for (unsigned n = roll(&p->dice) % 4; n; n--)
			say(p);
	if (p->ready && pop3_client_waiting(p->client) !=
			p->asked - p->replied + p->in_lines)
		abort();
}

static void feed(struct player *p, struct span bytes)
{
	struct pop3_client_event event;
	struct err err = { ERR_NONE, "" };

	buf_put(&p->in, bytes);
	while (!p->over && pop3_client_next(p->client, &p->in, &p->out, &event, &err) !=
	       POP3_CLIENT_MORE) {
		check_out(p);
		trace_event(p, &event, &err);
		check_event(p, &event);
		p->over = event.kind == POP3_CLIENT_FAILED;
		if (!p->over)
			act(p, &event);
		else if (err.kind == ERR_NONE || !err.text[0])
			abort();
	}
	check_out(p);
	if (!p->over && p->in.len > KEPT_MAX)
		abort();
}

/* What comes together with an answer to STLS, or with a challenge, is no matter
 * of splits: here a server waits behind each. */
static size_t turn(struct span bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		struct span rest = span_skip(bytes, at);
		size_t len = span_find(rest, '\n');

		at += len < rest.len ? len + 1 : len;
		if (rest.at[0] == '+' || rest.at[0] == '-')
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
	*p = (struct player){ .client = pop3_client_new(bits & 1), .dice = bits };
	buf_init(&p->in, ROOM);
	buf_init(&p->out, ROOM);
	buf_init(&p->trace, ROOM);
	buf_init(&p->runs, ROOM);
	while (bytes.len && !p->over) {
		size_t len = turn(bytes);

		feed_turn(p, span_of(bytes.at, len), &cuts);
		bytes = span_skip(bytes, len);
	}
	buf_put(&p->trace, buf_span(&p->runs));	/* of lines that do not end */
}

static void done(struct player *p)
{
	pop3_client_free(p->client);
	buf_free(&p->in);
	buf_free(&p->out);
	buf_free(&p->trace);
	buf_free(&p->runs);
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
