/* The client leg, played the dialogues of tests/transcripts/imap-server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_server.h"
#include "tests/unit/transcript.h"

struct player {
	struct imap_server *server;
	struct buf in, out, body, *got;
	const struct strs *acts;
	size_t act;		/* the next of them */
	bool over;
};

static enum imap_commands_state state_of(struct span word)
{
	if (span_is(word, "selected"))
		return IMAP_STATE_SELECTED;
	return span_is(word, "in") ? IMAP_STATE_LOGGED_IN : IMAP_STATE_NEW;
}

static void describe(struct player *p, const struct imap_server_event *event, struct buf *out)
{
	switch (event->kind) {
	case IMAP_SERVER_MORE:
	case IMAP_SERVER_BODY:
		return;
	case IMAP_SERVER_COMMAND:
	case IMAP_SERVER_APPEND:
		buf_put(out, event->tag);
		buf_printf(out, " %s", event->command->verb);
		buf_put(out, event->args);
		if (event->kind == IMAP_SERVER_APPEND)
			buf_printf(out, " of %llu%s", (unsigned long long)event->size,
				   event->binary ? " binary" : "");
		return;
	case IMAP_SERVER_STARTTLS:
		buf_puts(out, "starttls");
		return;
	case IMAP_SERVER_LINE:
		buf_puts(out, "line ");
		buf_put(out, event->text);
		return;
	case IMAP_SERVER_BODY_END:
	case IMAP_SERVER_BODY_BAD:
		buf_puts(out, event->kind == IMAP_SERVER_BODY_END ? "body " : "body is bad ");
		buf_put(out, buf_span(&p->body));
		buf_clear(&p->body);
		return;
	case IMAP_SERVER_FATAL:
		buf_printf(out, "fatal %s", event->why);
		return;
	}
}

static const char *usual(enum imap_server_event_kind kind)
{
	if (kind == IMAP_SERVER_STARTTLS)
		return "secured";
	return kind == IMAP_SERVER_APPEND ? "go" : "OK done";
}

/* The answer to an event: an act of the file, or the usual one. */
static void answer(struct player *p, const struct imap_server_event *event)
{
	const char *act = p->act < p->acts->n ? p->acts->at[p->act++] : usual(event->kind);
	struct span word = span_of(act, span_find(span_str(act), ' '));

	if (strcmp(act, "secured") == 0) {
		imap_server_secured(p->server);
	} else if (strcmp(act, "go") == 0) {
		imap_server_go_ahead(p->server, &p->out);
	} else if (span_is(word, "continue")) {
		imap_server_continue(p->server, &p->out, span_str(act + 9));
	} else if (span_is(word, "end")) {
		imap_server_end(p->server, &p->out, act + 4);
	} else {
		if (span_is(word, "in") || span_is(word, "selected")) {
			imap_server_state(p->server, state_of(word));
			act += word.len + 1;
		}
		imap_server_done(p->server, &p->out, span_str(act));
	}
}

/* It has said what it says of this, and waits for the session. */
static bool parks(enum imap_server_event_kind kind)
{
	return kind != IMAP_SERVER_BODY && kind != IMAP_SERVER_BODY_BAD &&
	       kind != IMAP_SERVER_FATAL;
}

static void pump(struct player *p)
{
	struct imap_server_event event, none;
	struct buf words;

	buf_init(&words, 1024 * 1024);
	while (!p->over && imap_server_next(p->server, &p->in, &p->out, &event) !=
			   IMAP_SERVER_MORE) {
		if (event.kind == IMAP_SERVER_BODY) {
			buf_put(&p->body, event.text);
			continue;
		}
		transcript_drain(p->got, 'S', &p->out);
		describe(p, &event, &words);
		transcript_note(p->got, 'E', buf_span(&words));
		buf_clear(&words);
		p->over = event.kind == IMAP_SERVER_FATAL;
		if (!parks(event.kind))
			continue;
		assert_int_equal(IMAP_SERVER_MORE,
				 imap_server_next(p->server, &p->in, &p->out, &none));
		answer(p, &event);
	}
	transcript_drain(p->got, 'S', &p->out);
	buf_free(&words);
}

static void feed(void *player, struct span bytes, const struct transcript_turn *turn, bool last)
{
	struct player *p = player;

	if (p->acts != &turn->acts)
		p->act = 0;
	p->acts = &turn->acts;
	buf_put(&p->in, bytes);
	pump(p);
	if (last && !p->over)
		assert_int_equal(p->acts->n, p->act);
}

static unsigned number_of(const struct transcript *t, const char *key, unsigned usually)
{
	const char *value = transcript_option(t, key);

	return value ? (unsigned)strtoul(value, NULL, 10) : usually;
}

static void *start(const struct transcript *t, struct buf *got)
{
	struct player *p = mem_new(sizeof(*p));
	const char *plaintext = transcript_option(t, "plaintext");
	const char *state = transcript_option(t, "state");
	struct imap_server_setup setup = {
		.tls = transcript_tls(t),
		.plaintext_auth = !plaintext || strcmp(plaintext, "no") != 0,
		.message_size = number_of(t, "message-size", 1000000),
		.bad_commands = number_of(t, "bad", 10),
	};

	p->got = got;
	p->server = imap_server_new(&setup);
	buf_init(&p->in, 4 * 1024 * 1024);
	buf_init(&p->out, 1024 * 1024);
	buf_init(&p->body, 4 * 1024 * 1024);
	if (state)
		imap_server_state(p->server, state_of(span_str(state)));
	else
		imap_server_greet(p->server, &p->out, "gw.example", span_str("IMAP4rev1"));
	transcript_drain(got, 'S', &p->out);
	return p;
}

static void stop(void *player)
{
	struct player *p = player;

	if (p->body.len)
		transcript_note(p->got, 'E', span_str("a body without an end"));
	buf_free(&p->in);
	buf_free(&p->out);
	buf_free(&p->body);
	imap_server_free(p->server);
	free(p);
}

int main(void)
{
	static const struct transcript_engine engine = {
		.folder = "imap-server", .speaks = 'C',
		.start = start, .feed = feed, .stop = stop,
	};

	return transcript_main(&engine, 20);
}
