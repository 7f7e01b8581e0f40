/* The upstream leg: the same bytes, cut otherwise, give the same events and
 * commands; no reply is handed out that nothing asked for. */
#include <stdint.h>
#include <stdlib.h>

#include "proxy/engine/smtp_client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 8 * 1024 * 1024 };

struct player {
	struct smtp_client *client;
	struct buf in, out, trace;
	unsigned dice;		/* what the session does */
	unsigned asked, replied;
	bool over;
};

static unsigned roll(unsigned *dice)
{
	*dice = *dice * 1103515245 + 12345;
	return *dice >> 16;
}

static void act(struct player *p)
{
	static const char *const commands[] = { "MAIL FROM:<a@b.example>",
		"RCPT TO:<c@d.example>", "DATA", "RSET", "AUTH LOGIN", "NOOP",
		"bad\ncommand" };
	const char *command = commands[roll(&p->dice) % 7];

	switch (roll(&p->dice) % 4) {
	case 0:
		p->asked += smtp_client_auth_line(p->client, &p->out,
						  span_str("eA==")) == 0;
		return;
	case 1:
		(void)smtp_client_body(p->client, &p->out,
				       span_str(".text\r\n.\r\n"));
		p->asked += smtp_client_body_end(p->client, &p->out) == 0;
		return;
	default:
		p->asked += smtp_client_command(p->client, &p->out,
						span_str(command)) == 0;
		return;
	}
}

static void trace_event(struct player *p, const struct smtp_client_event *event,
			const struct err *err)
{
	buf_printf(&p->trace, "[%d", (int)event->kind);
	if (event->kind == SMTP_CLIENT_FAILED)
		buf_printf(&p->trace, " %d %s", (int)err->kind, err->text);
	if (event->reply) {
		buf_printf(&p->trace, " %u", event->reply->code);
		if (event->reply->code < 200 || event->reply->code > 599 ||
		    !event->reply->lines.n)
			abort();
		for (size_t i = 0; i < event->reply->lines.n; i++)
			buf_printf(&p->trace, " %s", event->reply->lines.at[i]);
	}
	buf_puts(&p->trace, "]");
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

static void on_event(struct player *p, const struct smtp_client_event *event,
		     const struct err *err)
{
	check_out(p);
	trace_event(p, event, err);
	if (event->kind == SMTP_CLIENT_FAILED) {
		p->over = true;
		if (err->kind == ERR_NONE || !err->text[0])
			abort();
		return;
	}
	if (event->kind == SMTP_CLIENT_STARTTLS) {
		smtp_client_secured(p->client, &p->out);
		return;
	}
	p->replied += event->kind == SMTP_CLIENT_REPLY;
	if (p->replied > p->asked)
		abort();
	for (unsigned n = roll(&p->dice) % 3; n; n--)
		act(p);
	if (smtp_client_waiting(p->client) != p->asked - p->replied)
		abort();
}

static void feed(struct player *p, struct span bytes)
{
	struct smtp_client_event event;
	struct err err = { ERR_NONE, "" };

	buf_put(&p->in, bytes);
	while (!p->over && smtp_client_next(p->client, &p->in, &p->out, &event,
					    &err) != SMTP_CLIENT_MORE)
		on_event(p, &event, &err);
	check_out(p);
}

/* A server that goes on behind its 220 to STARTTLS is a matter of what comes
 * together; this one waits behind each 220. */
static size_t turn(struct span bytes)
{
	size_t at = 0;

	while (at < bytes.len) {
		struct span rest = span_skip(bytes, at);
		size_t len = span_find(rest, '\n');

		at += len < rest.len ? len + 1 : len;
		if (span_starts_nocase(rest, "220"))
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

static void play(struct player *p, unsigned bits, struct span bytes,
		 unsigned cuts)
{
	*p = (struct player){ .client = smtp_client_new("gw.example", bits & 1),
			      .dice = bits };
	buf_init(&p->in, ROOM);
	buf_init(&p->out, ROOM);
	buf_init(&p->trace, ROOM);
	while (bytes.len && !p->over) {
		size_t len = turn(bytes);

		feed_turn(p, span_of(bytes.at, len), &cuts);
		bytes = span_skip(bytes, len);
	}
}

static void done(struct player *p)
{
	smtp_client_free(p->client);
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
