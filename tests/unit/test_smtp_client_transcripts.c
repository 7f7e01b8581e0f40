/* The upstream leg, played the dialogues of tests/transcripts/smtp-client. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/smtp_client.h"
#include "tests/unit/transcript.h"

struct player {
	struct smtp_client *client;
	struct buf in, out, *got;
	bool over;
};

static void put_capabilities(const struct smtp_client_capabilities *c,
			     struct buf *out)
{
	if (c->size_known)
		buf_printf(out, " size=%" PRIu64, c->size);
	buf_puts(out, c->pipelining ? " pipelining" : "");
	buf_puts(out, c->eight_bit ? " 8bitmime" : "");
	buf_puts(out, c->smtputf8 ? " smtputf8" : "");
	buf_puts(out, c->dsn ? " dsn" : "");
	buf_puts(out, c->enhanced_status ? " enhanced" : "");
	buf_puts(out, c->starttls ? " starttls" : "");
	buf_puts(out, c->requiretls ? " requiretls" : "");
	for (size_t i = 0; i < c->auth.n; i++)
		buf_printf(out, i ? " %s" : " auth=%s", c->auth.at[i]);
}

static void put_reply(const struct smtp_reply *reply, struct buf *out)
{
	buf_printf(out, "reply %u ", reply->code);
	for (size_t i = 0; i < reply->lines.n; i++)
		buf_printf(out, i ? "|%s" : "%s", reply->lines.at[i]);
}

static void describe(struct player *p, const struct smtp_client_event *event,
		     const struct err *err, struct buf *out)
{
	switch (event->kind) {
	case SMTP_CLIENT_MORE:
		return;
	case SMTP_CLIENT_STARTTLS:
		buf_puts(out, "starttls");
		return;
	case SMTP_CLIENT_READY:
		buf_puts(out, "ready");
		put_capabilities(smtp_client_capabilities(p->client), out);
		return;
	case SMTP_CLIENT_REPLY:
		put_reply(event->reply, out);
		return;
	case SMTP_CLIENT_FAILED:
		buf_printf(out, "failed %s %s", transcript_kind(err), err->text);
		return;
	}
}

static void pump(struct player *p)
{
	struct smtp_client_event event;
	struct err err = { ERR_NONE, "" };
	struct buf words;

	buf_init(&words, 1024 * 1024);
	while (!p->over && smtp_client_next(p->client, &p->in, &p->out, &event,
					    &err) != SMTP_CLIENT_MORE) {
		transcript_drain(p->got, 'C', &p->out);
		describe(p, &event, &err, &words);
		transcript_note(p->got, 'E', buf_span(&words));
		buf_clear(&words);
		p->over = event.kind == SMTP_CLIENT_FAILED;
	}
	transcript_drain(p->got, 'C', &p->out);
	buf_free(&words);
}

/* "\n" in a body act is a CRLF, "\0" a NUL, "\r" a bare CR, "\l" a bare LF. */
static int say_body(struct player *p, const char *text)
{
	struct buf bytes;
	int ret;

	buf_init(&bytes, 1024 * 1024);
	for (; *text; text++) {
		if (*text != '\\') {
			buf_put(&bytes, span_of(text, 1));
			continue;
		}
		text++;
		if (*text == 'n')
			buf_puts(&bytes, "\r\n");
		else if (*text == '0')
			buf_put(&bytes, span_of("", 1));
		else
			buf_puts(&bytes, *text == 'r' ? "\r" : "\n");
	}
	ret = smtp_client_body(p->client, &p->out, buf_span(&bytes));
	buf_free(&bytes);
	return ret;
}

static int try_act(struct player *p, const char *act)
{
	const char *rest;

	if ((rest = transcript_act(act, "say")))
		return smtp_client_command(p->client, &p->out, span_str(rest));
	if ((rest = transcript_act(act, "auth-line")))
		return smtp_client_auth_line(p->client, &p->out, span_str(rest));
	if ((rest = transcript_act(act, "body")))
		return say_body(p, rest);
	if (transcript_act(act, "body-end"))
		return smtp_client_body_end(p->client, &p->out);
	if (transcript_act(act, "secured"))
		smtp_client_secured(p->client, &p->out);
	else
		fail_msg("not known: %s", act);
	return 0;
}

/* Body bytes need no end of a line: they are noted when it is there. */
static void note_lines(struct player *p)
{
	if (p->out.len && buf_span(&p->out).at[p->out.len - 1] == '\n')
		transcript_drain(p->got, 'C', &p->out);
}

static void feed(void *player, struct span bytes,
		 const struct transcript_turn *turn, bool last)
{
	struct player *p = player;

	buf_put(&p->in, bytes);
	pump(p);
	for (size_t i = 0; last && i < turn->acts.n; i++) {
		note_lines(p);
		if (try_act(p, turn->acts.at[i]) < 0) {
			buf_clear(&p->out);
			transcript_note(p->got, 'E', span_str("cannot"));
		}
	}
	note_lines(p);
	if (p->out.len == 0)
		pump(p);
}

static void *start(const struct transcript *t, struct buf *got)
{
	struct player *p = mem_new(sizeof(*p));

	p->got = got;
	p->client = smtp_client_new("gw.example",
				    transcript_option(t, "starttls") != NULL);
	buf_init(&p->in, 1024 * 1024);
	buf_init(&p->out, 1024 * 1024);
	return p;
}

static void stop(void *player)
{
	struct player *p = player;

	if (smtp_client_waiting(p->client))
		buf_printf(p->got, "E: waiting %u\n",
			   smtp_client_waiting(p->client));
	buf_free(&p->in);
	buf_free(&p->out);
	smtp_client_free(p->client);
	free(p);
}

int main(void)
{
	static const struct transcript_engine engine = {
		.folder = "smtp-client", .speaks = 'S',
		.start = start, .feed = feed, .stop = stop,
	};

	return transcript_main(&engine, 40);
}
