/* The client leg, played the dialogues of tests/transcripts/pop3-server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/pop3_server.h"
#include "tests/unit/transcript.h"

struct player {
	struct pop3_server *server;
	struct buf in, out, *got;
	const struct strs *acts;
	size_t act;		/* the next of them */
	bool over;
};

static const char *verb(enum pop3_command command)
{
	static const char *const verbs[] = {
		"CAPA", "STLS", "USER", "PASS", "AUTH", "STAT", "LIST", "UIDL",
		"RETR", "TOP", "DELE", "NOOP", "RSET", "QUIT",
	};

	return verbs[command];
}

static void put_span(struct buf *out, const char *name, struct span text)
{
	if (!text.at)
		return;
	buf_printf(out, " %s=", name);
	buf_put(out, text);
}

static void describe(const struct pop3_server_event *event, struct buf *out)
{
	if (event->kind == POP3_SERVER_COMMAND) {
		buf_puts(out, verb(event->command));
		put_span(out, "name", event->name);
		put_span(out, "password", event->password);
		put_span(out, "mechanism", event->mechanism);
		put_span(out, "response", event->response);
		if (event->number)
			buf_printf(out, " %u", event->number);
		if (event->command == POP3_TOP)
			buf_printf(out, " %u", event->lines);
	} else if (event->kind == POP3_SERVER_STLS) {
		buf_puts(out, "stls");
	} else if (event->kind == POP3_SERVER_LINE) {
		buf_puts(out, "line ");
		buf_put(out, event->text);
	} else if (event->kind == POP3_SERVER_FATAL) {
		buf_printf(out, "fatal %s", event->why);
	}
}

/* The answer to an event: an act of the file, or the usual one. */
static void answer(struct player *p, const struct pop3_server_event *event)
{
	const char *act = p->act < p->acts->n ? p->acts->at[p->act++]
			  : event->kind == POP3_SERVER_STLS ? "secured" : "+OK";

	if (strcmp(act, "secured") == 0) {
		pop3_server_secured(p->server);
		return;
	}
	if (strncmp(act, "continue ", 9) == 0) {
		pop3_server_continue(p->server, &p->out, span_str(act + 9));
		return;
	}
	if (strncmp(act, "end ", 4) == 0) {
		buf_printf(&p->out, "%s\r\n", act + 4);
		pop3_server_end(p->server);
		return;
	}
	if (strncmp(act, "in ", 3) == 0) {
		pop3_server_logged_in(p->server);
		act += 3;
	}
	buf_printf(&p->out, "%s\r\n", act);
	pop3_server_done(p->server);
}

static void pump(struct player *p)
{
	struct pop3_server_event event;
	struct buf words;

	buf_init(&words, 64 * 1024);
	while (!p->over && pop3_server_next(p->server, &p->in, &p->out, &event) !=
			   POP3_SERVER_MORE) {
		transcript_drain(p->got, 'S', &p->out);
		describe(&event, &words);
		transcript_note(p->got, 'E', buf_span(&words));
		buf_clear(&words);
		p->over = event.kind == POP3_SERVER_FATAL;
		if (!p->over) {
			struct pop3_server_event none;

			assert_int_equal(POP3_SERVER_MORE,
					 pop3_server_next(p->server, &p->in,
							  &p->out, &none));
			answer(p, &event);
		}
	}
	transcript_drain(p->got, 'S', &p->out);
	buf_free(&words);
}

static void feed(void *player, struct span bytes,
		 const struct transcript_turn *turn, bool last)
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

static void *start(const struct transcript *t, struct buf *got)
{
	struct player *p = mem_new(sizeof(*p));
	const char *plaintext = transcript_option(t, "plaintext");
	struct pop3_server_setup setup = {
		.tls = transcript_tls(t),
		.plaintext_auth = !plaintext || strcmp(plaintext, "no") != 0,
		.bad_commands = 10,
	};

	p->got = got;
	p->server = pop3_server_new(&setup);
	buf_init(&p->in, 1024 * 1024);
	buf_init(&p->out, 1024 * 1024);
	if (transcript_option(t, "in"))
		pop3_server_logged_in(p->server);
	else
		pop3_server_greet(p->server, &p->out, "gw.example");
	transcript_drain(got, 'S', &p->out);
	return p;
}

static void stop(void *player)
{
	struct player *p = player;

	buf_free(&p->in);
	buf_free(&p->out);
	pop3_server_free(p->server);
	free(p);
}

int main(void)
{
	static const struct transcript_engine engine = {
		.folder = "pop3-server", .speaks = 'C',
		.start = start, .feed = feed, .stop = stop,
	};

	return transcript_main(&engine, 10);
}
