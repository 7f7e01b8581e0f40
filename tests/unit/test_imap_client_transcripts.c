/* The upstream leg, played the dialogues of tests/transcripts/imap-client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_client.h"
#include "tests/unit/transcript.h"

struct player {
	struct imap_client *client;
	struct buf in, out, big, *got;
	bool over;
};

static void put_capabilities(struct player *p, struct buf *out)
{
	const struct imap_capabilities *c = imap_client_capabilities(p->client);

	for (size_t i = 0; i < c->words.n; i++)
		buf_printf(out, " %s", c->words.at[i]);
}

static void put(struct buf *out, const char *word, struct span text)
{
	buf_puts(out, word);
	buf_put(out, text);
}

static void describe(struct player *p, const struct imap_client_event *event,
		     const struct err *err, struct buf *out)
{
	switch (event->kind) {
	case IMAP_CLIENT_MORE:
	case IMAP_CLIENT_BIG:
	case IMAP_CLIENT_RUN:
		return;
	case IMAP_CLIENT_STARTTLS:
		buf_puts(out, "starttls");
		return;
	case IMAP_CLIENT_READY:
		buf_puts(out, "ready");
		put_capabilities(p, out);
		return;
	case IMAP_CLIENT_UNTAGGED:
		put(out, "* ", event->text);
		return;
	case IMAP_CLIENT_BIG_END:
		put(out, "big ", buf_span(&p->big));
		buf_clear(&p->big);
		return;
	case IMAP_CLIENT_CONTINUE:
		put(out, "continue ", event->text);
		return;
	case IMAP_CLIENT_GO:
		buf_puts(out, "go");
		return;
	case IMAP_CLIENT_TAGGED:
		put(out, imap_client_told(p->client) ? "done (told) " : "done ", event->text);
		return;
	case IMAP_CLIENT_FAILED:
		buf_printf(out, "failed %s %s", transcript_kind(err), err->text);
		return;
	}
}

/* A message's octets are noted when its line has ended. */
static void drain(struct player *p)
{
	struct span said = buf_span(&p->out);

	if (said.len && said.at[said.len - 1] == '\n')
		transcript_drain(p->got, 'C', &p->out);
}

static void pump(struct player *p)
{
	struct imap_client_event event;
	struct err err = { ERR_NONE, "" };
	struct buf words;

	buf_init(&words, 2 * 1024 * 1024);
	while (!p->over && imap_client_next(p->client, &p->in, &p->out, &event, &err) !=
			   IMAP_CLIENT_MORE) {
		if (event.kind == IMAP_CLIENT_BIG || event.kind == IMAP_CLIENT_RUN) {
			buf_put(&p->big, event.text);
			continue;
		}
		drain(p);
		describe(p, &event, &err, &words);
		transcript_note(p->got, 'E', buf_span(&words));
		buf_clear(&words);
		p->over = event.kind == IMAP_CLIENT_FAILED;
	}
	drain(p);
	buf_free(&words);
}

/* "\n" is CRLF. */
static void put_text(const char *text, struct buf *out)
{
	for (; *text; text++) {
		bool end = strncmp(text, "\\n", 2) == 0;

		if (end)
			buf_puts(out, "\r\n");
		else
			buf_put(out, span_of(text, 1));
		text += end;
	}
}

static int try_act(struct player *p, const char *act, struct buf *text)
{
	char *size_end;
	const char *rest;
	uint64_t size;

	if ((rest = transcript_act(act, "say"))) {
		put_text(rest, text);
		return imap_client_command(p->client, &p->out, buf_span(text));
	}
	if ((rest = transcript_act(act, "message"))) {
		size = strtoull(rest, &size_end, 10);
		put_text(size_end + 1, text);
		return imap_client_command_body(p->client, &p->out, buf_span(text), size);
	}
	if ((rest = transcript_act(act, "body"))) {
		put_text(rest, text);
		return imap_client_body(p->client, &p->out, buf_span(text));
	}
	if ((rest = transcript_act(act, "line")))
		return imap_client_line(p->client, &p->out, span_str(rest));
	if (!transcript_act(act, "secured"))
		fail_msg("not known: %s", act);
	imap_client_secured(p->client, &p->out);
	return 0;
}

static void feed(void *player, struct span bytes, const struct transcript_turn *turn, bool last)
{
	struct player *p = player;

	buf_put(&p->in, bytes);
	pump(p);
	for (size_t i = 0; last && i < turn->acts.n; i++) {
		struct buf text;

		buf_init(&text, 64 * 1024);
		if (try_act(p, turn->acts.at[i], &text) < 0)
			transcript_note(p->got, 'E', span_str("cannot"));
		buf_free(&text);
		drain(p);
	}
	pump(p);
}

static void *start(const struct transcript *t, struct buf *got)
{
	struct player *p = mem_new(sizeof(*p));

	p->got = got;
	p->client = imap_client_new(transcript_option(t, "starttls") != NULL);
	buf_init(&p->in, 4 * 1024 * 1024);
	buf_init(&p->out, 1024 * 1024);
	buf_init(&p->big, 4 * 1024 * 1024);
	return p;
}

static void stop(void *player)
{
	struct player *p = player;

	if (p->big.len)
		transcript_note(p->got, 'E', span_str("runs without an end"));
	if (imap_client_busy(p->client))
		buf_puts(p->got, "E: busy\n");
	buf_free(&p->in);
	buf_free(&p->out);
	buf_free(&p->big);
	imap_client_free(p->client);
	free(p);
}

int main(void)
{
	static const struct transcript_engine engine = {
		.folder = "imap-client", .speaks = 'S',
		.start = start, .feed = feed, .stop = stop,
	};

	return transcript_main(&engine, 20);
}
