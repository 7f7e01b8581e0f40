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

static const char *kind_word(enum err_kind kind)
{
	switch (kind) {
	case ERR_TLS:
		return "tls";
	case ERR_TEMP:
		return "temp";
	case ERR_PEER:
		return "peer";
	case ERR_NONE:
	case ERR_CONF:
	case ERR_TIMEOUT:
	case ERR_REFUSED:
	case ERR_BUG:
		break;
	}
	return "other";
}

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
		buf_printf(out, "failed %s %s", kind_word(err->kind), err->text);
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

static const char *behind(const char *act, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(act, word, len) != 0 || (act[len] && act[len] != ' '))
		return NULL;
	return act[len] ? act + len + 1 : act + len;
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

	if ((rest = behind(act, "say")))
		return smtp_client_command(p->client, &p->out, span_str(rest));
	if ((rest = behind(act, "auth-line")))
		return smtp_client_auth_line(p->client, &p->out, span_str(rest));
	if ((rest = behind(act, "body")))
		return say_body(p, rest);
	if (behind(act, "body-end"))
		return smtp_client_body_end(p->client, &p->out);
	if (behind(act, "secured"))
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

static void every_dialogue_goes_the_same_however_it_is_cut(void **state)
{
	static const struct transcript_engine engine = {
		.folder = "smtp-client", .speaks = 'S',
		.start = start, .feed = feed, .stop = stop,
	};

	(void)state;
	assert_true(transcript_play_all(&engine) >= 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialogue_goes_the_same_however_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
