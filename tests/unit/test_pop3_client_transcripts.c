/* The upstream leg, played the dialogues of tests/transcripts/pop3-client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/pop3_client.h"
#include "tests/unit/transcript.h"

struct player {
	struct pop3_client *client;
	struct buf in, out, runs, *got;
	bool over;
};

static void put_capabilities(const struct pop3_client_capabilities *c,
			     struct buf *out)
{
	buf_puts(out, c->stls ? " stls" : "");
	buf_puts(out, c->top ? " top" : "");
	buf_puts(out, c->uidl ? " uidl" : "");
	buf_puts(out, c->user ? " user" : "");
	buf_puts(out, c->pipelining ? " pipelining" : "");
	buf_puts(out, c->resp_codes ? " resp-codes" : "");
	buf_puts(out, c->auth_resp_code ? " auth-resp-code" : "");
	for (size_t i = 0; i < c->sasl.n; i++)
		buf_printf(out, i ? " %s" : " sasl=%s", c->sasl.at[i]);
	for (size_t i = 0; i < c->others.n; i++)
		buf_printf(out, " %s", c->others.at[i]);
}

static void describe(struct player *p, const struct pop3_client_event *event,
		     const struct err *err, struct buf *out)
{
	switch (event->kind) {
	case POP3_CLIENT_MORE:
	case POP3_CLIENT_RUN:
		return;
	case POP3_CLIENT_STLS:
		buf_puts(out, "stls");
		return;
	case POP3_CLIENT_READY:
		buf_puts(out, "ready");
		put_capabilities(pop3_client_capabilities(p->client), out);
		return;
	case POP3_CLIENT_REPLY:
		buf_printf(out, "%s%s ", event->ok ? "ok" : "err",
			   event->lines ? " lines" : "");
		buf_put(out, event->text);
		return;
	case POP3_CLIENT_CONTINUE:
		buf_puts(out, "continue ");
		buf_put(out, event->text);
		return;
	case POP3_CLIENT_END:
		buf_puts(out, "end of ");
		buf_put(out, buf_span(&p->runs));
		buf_clear(&p->runs);
		return;
	case POP3_CLIENT_FAILED:
		buf_printf(out, "failed %s %s", transcript_kind(err), err->text);
		return;
	}
}

static void pump(struct player *p)
{
	struct pop3_client_event event;
	struct err err = { ERR_NONE, "" };
	struct buf words;

	buf_init(&words, 1024 * 1024);
	while (!p->over && pop3_client_next(p->client, &p->in, &p->out, &event,
					    &err) != POP3_CLIENT_MORE) {
		if (event.kind == POP3_CLIENT_RUN) {
			buf_put(&p->runs, event.text);
			continue;
		}
		transcript_drain(p->got, 'C', &p->out);
		describe(p, &event, &err, &words);
		transcript_note(p->got, 'E', buf_span(&words));
		buf_clear(&words);
		p->over = event.kind == POP3_CLIENT_FAILED;
	}
	transcript_drain(p->got, 'C', &p->out);
	buf_free(&words);
}

static int try_act(struct player *p, const char *act)
{
	const char *rest;

	if ((rest = transcript_act(act, "say")))
		return pop3_client_command(p->client, &p->out, POP3_CLIENT_SINGLE,
					   span_str(rest));
	if ((rest = transcript_act(act, "lines")))
		return pop3_client_command(p->client, &p->out, POP3_CLIENT_LINES,
					   span_str(rest));
	if ((rest = transcript_act(act, "sasl")))
		return pop3_client_command(p->client, &p->out, POP3_CLIENT_SASL,
					   span_str(rest));
	if ((rest = transcript_act(act, "line")))
		return pop3_client_line(p->client, &p->out, span_str(rest));
	if (transcript_act(act, "secured"))
		pop3_client_secured(p->client, &p->out);
	else
		fail_msg("not known: %s", act);
	return 0;
}

static void feed(void *player, struct span bytes,
		 const struct transcript_turn *turn, bool last)
{
	struct player *p = player;

	buf_put(&p->in, bytes);
	pump(p);
	for (size_t i = 0; last && i < turn->acts.n; i++) {
		if (try_act(p, turn->acts.at[i]) < 0)
			transcript_note(p->got, 'E', span_str("cannot"));
		transcript_drain(p->got, 'C', &p->out);
	}
	pump(p);
}

static void *start(const struct transcript *t, struct buf *got)
{
	struct player *p = mem_new(sizeof(*p));

	p->got = got;
	p->client = pop3_client_new(transcript_option(t, "stls") != NULL);
	buf_init(&p->in, 4 * 1024 * 1024);
	buf_init(&p->out, 1024 * 1024);
	buf_init(&p->runs, 4 * 1024 * 1024);
	return p;
}

static void stop(void *player)
{
	struct player *p = player;

	if (p->runs.len)
		transcript_note(p->got, 'E', span_str("runs without an end"));
	if (pop3_client_waiting(p->client))
		buf_printf(p->got, "E: waiting %u\n", pop3_client_waiting(p->client));
	buf_free(&p->in);
	buf_free(&p->out);
	buf_free(&p->runs);
	pop3_client_free(p->client);
	free(p);
}

int main(void)
{
	static const struct transcript_engine engine = {
		.folder = "pop3-client", .speaks = 'S',
		.start = start, .feed = feed, .stop = stop,
	};

	return transcript_main(&engine, 14);
}
