#include "proxy/session/smtp_upstream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/net/loop.h"
#include "proxy/session/smtp_deliver.h"
#include "proxy/session/smtp_hello.h"

void smtp_upstream_forget(struct session *base)
{
	struct smtp_session *s = smtp_state_of(base);

	s->dirty = s->tidying = false;
	s->replied = NULL;
	s->dot_sent = false;
	smtp_client_free(s->engine);
	s->engine = NULL;
}

static void reply_why(const struct smtp_session *s, const struct err *why,
		      struct reply *reply)
{
	char words[sizeof(reply->text)];

	session_upstream_words(&s->base, why, words, sizeof(words));
	reply_set(reply, 421, why->kind == ERR_TLS ? "4.7.5" : "4.4.1", "%s", words);
}

bool smtp_upstream_gone(const struct smtp_session *s)
{
	return s->offered && !s->base.upstream;
}

void smtp_upstream_end(struct smtp_session *s)
{
	struct reply reply;

	reply_why(s, &s->upstream_gone, &reply);
	smtp_state_end(s, &reply);
}

/*
 * A client that waits for an answer, or is between commands, hears why in a
 * 421; one that is sending its message hears it at the end of that. One that
 * has said no EHLO, or none since TLS, has nothing to do with it.
 */
void smtp_upstream_lost(struct session *base, const struct err *why)
{
	struct smtp_session *s = smtp_state_of(base);
	struct reply reply;

	if (s->spool && !base->busy) {
		s->upstream_gone = *why;
		return;
	}
	reply_why(s, why, &reply);
	if (s->offered)
		smtp_state_end(s, &reply);
	else if (base->busy)
		smtp_hello_turn_away(s, &reply);
}

static void on_event(struct smtp_session *s, const struct smtp_client_event *event,
		     const struct err *err)
{
	smtp_replied *replied = s->replied;

	switch (event->kind) {
	case SMTP_CLIENT_MORE:
		return;
	case SMTP_CLIENT_STARTTLS:
		session_upstream_tls(&s->base);
		return;
	case SMTP_CLIENT_READY:
		session_upstream_ready(&s->base);
		smtp_hello_ready(s);
		return;
	case SMTP_CLIENT_REPLY:
		conn_deadline(s->base.upstream, 0);
		s->replied = NULL;
		if (replied)
			replied(s, event->reply);
		return;
	case SMTP_CLIENT_FAILED:
		session_upstream_failed(&s->base, err);
		return;
	}
}

bool smtp_upstream_next(struct session *base)
{
	struct smtp_session *s = smtp_state_of(base);
	struct smtp_client_event event;
	struct err err = { ERR_NONE, "" };

	if (smtp_client_next(s->engine, conn_in(base->upstream), conn_out(base->upstream),
			     &event, &err) == SMTP_CLIENT_MORE)
		return false;
	on_event(s, &event, &err);
	return event.kind != SMTP_CLIENT_STARTTLS;
}

void smtp_upstream_drained(struct session *base)
{
	smtp_deliver_more(smtp_state_of(base));
}

void smtp_upstream_secured(struct session *base)
{
	smtp_client_secured(smtp_state_of(base)->engine, conn_out(base->upstream));
}

void smtp_upstream_dial(struct smtp_session *s)
{
	bool starttls = s->base.setup.listener->upstream->tls == UPSTREAM_STARTTLS;

	s->engine = smtp_client_new(s->base.setup.settings->gateway.hostname, starttls);
	session_dial(&s->base);
}

/* QUIT, when nothing is under way. */
bool smtp_upstream_bye(struct session *base)
{
	struct smtp_session *s = smtp_state_of(base);

	return !s->replied && !s->sealed.copies_n && smtp_client_waiting(s->engine) == 0 &&
	       smtp_client_command(s->engine, conn_out(base->upstream), span_str("QUIT")) == 0;
}

void smtp_upstream_await(struct smtp_session *s, uint64_t wait,
			 smtp_replied *replied)
{
	s->replied = replied;
	s->spoken = loop_now(s->base.setup.loop);
	conn_deadline(s->base.upstream, wait);
}

void smtp_upstream_say(struct smtp_session *s, uint64_t wait,
		       smtp_replied *replied, const char *format, ...)
{
	struct reply reply;
	va_list args;
	size_t len;
	char *text;

	if (!s->base.upstream)
		return;
	/* vasprintf() would leave copies of a password behind */
	va_start(args, format);
	len = (size_t)vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = mem_new(len + 1);
	va_start(args, format);
	(void)vsnprintf(text, len + 1, format, args);
	va_end(args);
	if (smtp_client_command(s->engine, conn_out(s->base.upstream),
				span_of(text, len)) < 0) {
		reply_set(&reply, 421, "4.3.0", "cannot say this upstream");
		smtp_state_end(s, &reply);
	} else {
		smtp_upstream_await(s, wait, replied);
	}
	secret_erase(text, len);
	free(text);
}

static void reset_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	struct err err;

	s->tidying = s->dirty = false;
	if (reply->code / 100 == 2)
		return;
	err_set(&err, ERR_PEER, "RSET was answered: %u", reply->code);
	session_upstream_failed(&s->base, &err);
}

/* Whatever it says, it was heard; one that goes then is noticed. */
static void noop_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	(void)reply;
	s->tidying = false;
}

void smtp_upstream_tidy(struct smtp_session *s)
{
	if (!s->dirty || s->transaction || s->base.busy || s->replied || !s->base.client)
		return;
	s->tidying = true;
	smtp_upstream_say(s, SMTP_COMMAND_WAIT, reset_replied, "RSET");
}

void smtp_upstream_keep(struct smtp_session *s)
{
	if (!s->base.upstream || s->replied ||
	    loop_now(s->base.setup.loop) - s->spoken < SMTP_KEEP_EVERY)
		return;
	s->tidying = true;
	smtp_upstream_say(s, SMTP_KEEP_EVERY, noop_replied, "NOOP");
}
