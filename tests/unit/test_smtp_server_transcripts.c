/* The client leg, played the dialogues of tests/transcripts/smtp-server. */
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

#include "proxy/engine/smtp_reply.h"
#include "proxy/engine/smtp_server.h"
#include "tests/unit/transcript.h"

struct player {
	const struct transcript *transcript;
	struct smtp_server *server;
	struct buf in, out, body, muted, *got;
	const struct strs *acts;
	size_t act;		/* the next of them */
	bool over;
};

static uint64_t number(const struct transcript *t, const char *key,
		       uint64_t otherwise)
{
	const char *value = transcript_option(t, key);

	return value ? strtoull(value, NULL, 10) : otherwise;
}

static void hello(struct player *p, const char *how)
{
	static const char plenty[] = "size=1000000 8bitmime smtputf8 dsn "
				     "auth=PLAIN LOGIN";
	const char *words = *how ? how : plenty;
	const char *size = strstr(words, "size="), *auth = strstr(words, "auth=");
	struct smtp_server_offer offer = {
		.size = size ? strtoull(size + 5, NULL, 10) : 0,
		.eight_bit = strstr(words, "8bitmime"),
		.smtputf8 = strstr(words, "smtputf8"),
		.dsn = strstr(words, "dsn"),
		.auth = auth ? auth + 5 : NULL,
	};

	smtp_server_hello(p->server, &p->out, &offer);
}

/* "250 2.0.0 text", or "250 text" */
static struct reply reply_of(const char *text)
{
	struct reply reply;
	unsigned code = (unsigned)strtoul(text, NULL, 10);
	const char *status = text + 4;
	size_t len = strcspn(status, " ");

	if (len > 2 && status[1] == '.') {
		char *word = span_dup(span_of(status, len));

		reply_set(&reply, code, word, "%s", status + len + 1);
		free(word);
	} else {
		reply_set(&reply, code, "", "%s", status);
	}
	return reply;
}

/* "550 first|second" */
static struct smtp_reply relayed(const char *text)
{
	struct smtp_reply reply = { .code = (unsigned)strtoul(text, NULL, 10) };
	struct span rest = span_str(text + 4), line;

	while (span_split(&rest, '|', &line))
		strs_add(&reply.lines, line);
	return reply;
}

static void act(struct player *p, const char *act)
{
	const char *rest;
	struct smtp_reply reply = { 0 };
	struct reply ours;

	if ((rest = transcript_act(act, "hello"))) {
		hello(p, rest);
	} else if (transcript_act(act, "go")) {
		smtp_server_go_ahead(p->server, &p->out);
	} else if (transcript_act(act, "secured")) {
		smtp_server_secured(p->server);
	} else if ((rest = transcript_act(act, "continue"))) {
		smtp_server_auth_continue(p->server, &p->out, span_str(rest));
	} else if ((rest = transcript_act(act, "done"))) {
		reply = relayed(rest);
		smtp_server_auth_done(p->server, &p->out, &reply);
	} else if ((rest = transcript_act(act, "relay"))) {
		reply = relayed(rest);
		smtp_server_relay(p->server, &p->out, &reply);
	} else if ((rest = transcript_act(act, "end"))) {
		ours = reply_of(rest);
		smtp_server_end(p->server, &p->out, &ours);
	} else {
		ours = reply_of(act);
		smtp_server_reply(p->server, &p->out, &ours);
	}
	smtp_reply_free(&reply);
	transcript_drain(p->got, 'S', &p->out);
}

static const char *default_act(enum smtp_server_event_kind kind)
{
	switch (kind) {
	case SMTP_SERVER_HELLO:
		return "hello";
	case SMTP_SERVER_STARTTLS:
		return "secured";
	case SMTP_SERVER_MAIL:
		return "250 2.1.0 sender taken";
	case SMTP_SERVER_RCPT:
		return "250 2.1.5 recipient taken";
	case SMTP_SERVER_DATA:
		return "go";
	case SMTP_SERVER_BODY_END:
		return "250 2.0.0 message taken";
	case SMTP_SERVER_AUTH_CANCEL:
		return "done 501 5.7.0 cancelled";
	case SMTP_SERVER_AUTH:
	case SMTP_SERVER_AUTH_LINE:
		return "done 235 2.7.0 welcome";
	case SMTP_SERVER_MORE:
	case SMTP_SERVER_BODY:
	case SMTP_SERVER_BODY_BAD:
	case SMTP_SERVER_RESET:
	case SMTP_SERVER_QUIT:
	case SMTP_SERVER_FATAL:
		break;
	}
	return NULL;
}

static void put(struct buf *out, const char *before, struct span text)
{
	buf_puts(out, before);
	buf_put(out, text);
}

static void put_path(struct buf *out, const struct smtp_server_event *event)
{
	put(out, event->kind == SMTP_SERVER_MAIL ? "mail <" : "rcpt <",
	    event->text);
	buf_puts(out, ">");
	for (size_t i = 0; i < event->parameters_n; i++)
		put(out, " ", event->parameters[i].raw);
	if (event->kind == SMTP_SERVER_MAIL && event->size)
		buf_printf(out, " (%" PRIu64 " octets)", event->size);
	if (event->kind == SMTP_SERVER_MAIL && event->eight_bit)
		buf_puts(out, " (8 bit)");
	if (event->kind == SMTP_SERVER_MAIL && event->smtputf8)
		buf_puts(out, " (UTF-8)");
}

/* The event in words. */
static void describe(struct player *p, const struct smtp_server_event *event,
		     struct buf *out)
{
	switch (event->kind) {
	case SMTP_SERVER_HELLO:
		put(out, event->extended ? "hello EHLO " : "hello HELO ",
		    event->text);
		return;
	case SMTP_SERVER_STARTTLS:
		buf_puts(out, "starttls");
		return;
	case SMTP_SERVER_AUTH:
		put(out, "auth ", event->text);
		if (event->has_response)
			put(out, " ", event->line);
		return;
	case SMTP_SERVER_AUTH_LINE:
		put(out, "auth-line ", event->line);
		return;
	case SMTP_SERVER_AUTH_CANCEL:
		buf_puts(out, "auth-cancel");
		return;
	case SMTP_SERVER_MAIL:
	case SMTP_SERVER_RCPT:
		put_path(out, event);
		return;
	case SMTP_SERVER_DATA:
		buf_puts(out, "data");
		return;
	case SMTP_SERVER_BODY_END:
		put(out, "body ", buf_span(&p->body));
		return;
	case SMTP_SERVER_BODY_BAD:
		put(out, "bad ", span_str(event->why));
		return;
	case SMTP_SERVER_RESET:
		buf_puts(out, "reset");
		return;
	case SMTP_SERVER_QUIT:
		buf_puts(out, "quit");
		return;
	case SMTP_SERVER_FATAL:
		put(out, "fatal ", span_str(event->why));
		return;
	case SMTP_SERVER_MORE:
	case SMTP_SERVER_BODY:
		return;
	}
}

static void answer(struct player *p, const struct smtp_server_event *event)
{
	const char *usual = default_act(event->kind);

	/* The answer to what runs ahead of the file's turns is the usual one. */
	if (usual && p->acts && p->act < p->acts->n)
		act(p, p->acts->at[p->act++]);
	else if (usual)
		act(p, usual);
}

static void on_event(struct player *p, const struct smtp_server_event *event)
{
	struct buf words;

	if (event->kind == SMTP_SERVER_BODY) {
		assert_true(event->body.len > 0);
		buf_put(&p->body, event->body);
		return;
	}
	buf_init(&words, 4 * 1024 * 1024);
	describe(p, event, &words);
	transcript_note(p->got, 'E', buf_span(&words));
	buf_free(&words);
	if (event->kind == SMTP_SERVER_BODY_END ||
	    event->kind == SMTP_SERVER_BODY_BAD)
		buf_clear(&p->body);
	p->over |= event->kind == SMTP_SERVER_QUIT ||
		   event->kind == SMTP_SERVER_FATAL;
	answer(p, event);
}

static void pump(struct player *p)
{
	struct smtp_server_event event;

	while (!p->over && smtp_server_next(p->server, &p->in, &p->out, &event) !=
	       SMTP_SERVER_MORE) {
		transcript_drain(p->got, 'S', &p->out);
		on_event(p, &event);
	}
	transcript_drain(p->got, 'S', &p->out);
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
	/* What no event asked for the session does of itself. */
	while (last && p->act < turn->acts.n) {
		act(p, turn->acts.at[p->act++]);
		pump(p);
	}
}

/* What "%hello" and "%mail" let happen unseen, before the file begins. */
static void run_ahead(struct player *p)
{
	struct buf *got = p->got;

	p->got = &p->muted;
	smtp_server_greet(p->server, &p->out);
	if (transcript_option(p->transcript, "hello") ||
	    transcript_option(p->transcript, "mail"))
		buf_puts(&p->in, "EHLO client.example\r\n");
	if (transcript_option(p->transcript, "mail"))
		buf_puts(&p->in, "MAIL FROM:<a@client.example>\r\n"
			 "RCPT TO:<b@other.example>\r\n");
	pump(p);
	p->got = got;
}

static void *start(const struct transcript *t, struct buf *got)
{
	struct player *p = mem_new(sizeof(*p));
	const char *plaintext = transcript_option(t, "plaintext");
	struct smtp_server_setup setup = {
		.hostname = "gw.example",
		.tls = transcript_tls(t),
		.plaintext_auth = !plaintext || strcmp(plaintext, "no") != 0,
		.limits = {
			.message_size = number(t, "message-size", 2000000),
			.text_line = number(t, "text-line", 2000),
			.recipients = (unsigned)number(t, "recipients", 100),
			.bad_commands = (unsigned)number(t, "bad", 20),
		},
	};

	p->transcript = t;
	p->got = got;
	p->server = smtp_server_new(&setup);
	buf_init(&p->in, 4 * 1024 * 1024);
	buf_init(&p->out, 1024 * 1024);
	buf_init(&p->body, 4 * 1024 * 1024);
	buf_init(&p->muted, 1024 * 1024);
	run_ahead(p);
	return p;
}

static void stop(void *player)
{
	struct player *p = player;

	buf_free(&p->in);
	buf_free(&p->out);
	buf_free(&p->body);
	buf_free(&p->muted);
	smtp_server_free(p->server);
	free(p);
}

int main(void)
{
	static const struct transcript_engine engine = {
		.folder = "smtp-server", .speaks = 'C',
		.start = start, .feed = feed, .stop = stop,
	};

	return transcript_main(&engine, 80);
}
