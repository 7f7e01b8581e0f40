#include "proxy/session/smtp_upstream.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/net/dial.h"
#include "proxy/session/smtp_deliver.h"
#include "proxy/session/smtp_hello.h"

static const char *name(const struct smtp_session *s)
{
	return upstream_settings(s->setup.upstream)->name;
}

/* The leg is gone; its conn has freed itself or is closing. */
static void forget(struct smtp_session *s)
{
	s->upstream = NULL;
	s->ready = false;
	s->dirty = s->resetting = false;
	s->replied = NULL;
	s->dot_sent = false;
	smtp_client_free(s->engine);
	s->engine = NULL;
}

static void reply_why(const struct smtp_session *s, const struct err *why,
		      struct reply *reply)
{
	reply_set(reply, 421, why->kind == ERR_TLS ? "4.7.5" : "4.4.1",
		  "upstream %s: %s", name(s), why->text);
}

bool smtp_upstream_gone(const struct smtp_session *s)
{
	return s->offered && !s->upstream;
}

void smtp_upstream_lost(struct smtp_session *s)
{
	struct reply reply;

	reply_why(s, &s->upstream_gone, &reply);
	smtp_state_end(s, &reply);
}

/*
 * Upstream has failed. A client that waits for an answer, or is between
 * commands, hears why in a 421; one that is sending its message hears it at
 * the end of that.
 */
static void failed(struct smtp_session *s, const struct err *why)
{
	struct reply reply;

	log_warning(&s->log, "upstream failed", "reason=\"%s\"", why->text);
	forget(s);
	if (!s->client) {
		s->over = true;
		return;
	}
	if (s->spool && !s->busy) {
		s->upstream_gone = *why;
		return;
	}
	reply_why(s, why, &reply);
	if (s->offered)
		smtp_state_end(s, &reply);
	else
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
		conn_start_tls(s->upstream, upstream_creds(s->setup.upstream));
		return;
	case SMTP_CLIENT_READY:
		s->ready = true;
		conn_deadline(s->upstream, 0);
		smtp_hello_ready(s);
		return;
	case SMTP_CLIENT_REPLY:
		conn_deadline(s->upstream, 0);
		s->replied = NULL;
		if (replied)
			replied(s, event->reply);
		return;
	case SMTP_CLIENT_FAILED:
		conn_abort(s->upstream);
		failed(s, err);
		return;
	}
}

static void pull(struct smtp_session *s)
{
	struct smtp_client_event event;
	struct err err = { ERR_NONE, "" };

	while (s->upstream) {
		if (smtp_client_next(s->engine, conn_in(s->upstream),
				     conn_out(s->upstream), &event, &err) ==
		    SMTP_CLIENT_MORE)
			return;
		on_event(s, &event, &err);
		if (event.kind == SMTP_CLIENT_STARTTLS)
			return;
	}
}

static void on_bytes(void *owner)
{
	struct smtp_session *s = owner;

	pull(s);
	smtp_session_pump(s);
	smtp_session_settle(s);
}

static void on_drained(void *owner)
{
	struct smtp_session *s = owner;

	smtp_deliver_more(s);
	smtp_session_settle(s);
}

/* Connected, or STARTTLS has verified: only now is anything said. */
static void on_ready(void *owner)
{
	struct smtp_session *s = owner;
	const struct upstream_settings *settings =
		upstream_settings(s->setup.upstream);

	conn_deadline(s->upstream, SMTP_COMMAND_WAIT);
	if (settings->tls == UPSTREAM_STARTTLS && conn_secure(s->upstream))
		smtp_client_secured(s->engine, conn_out(s->upstream));
	pull(s);
	smtp_session_pump(s);
	smtp_session_settle(s);
}

static void on_closed(void *owner, const struct err *why)
{
	struct smtp_session *s = owner;
	struct err err = *why;

	if (err.kind == ERR_NONE)
		err_set(&err, ERR_PEER, "closed the connection");
	else if (err.kind == ERR_TIMEOUT)
		err_set(&err, ERR_TIMEOUT, "did not answer in time");
	failed(s, &err);
	smtp_session_pump(s);
	smtp_session_settle(s);
}

static const struct conn_events events = {
	.bytes = on_bytes,
	.drained = on_drained,
	.ready = on_ready,
	.closed = on_closed,
};

void smtp_upstream_dial(struct smtp_session *s)
{
	const struct upstream_settings *settings =
		upstream_settings(s->setup.upstream);

	s->engine = smtp_client_new(s->setup.settings->gateway.hostname,
				    settings->tls == UPSTREAM_STARTTLS);
	s->upstream = dial(s->setup.loop, s->setup.upstream, &events, s);
}

void smtp_upstream_await(struct smtp_session *s, uint64_t wait,
			 smtp_replied *replied)
{
	s->replied = replied;
	conn_deadline(s->upstream, wait);
}

void smtp_upstream_say(struct smtp_session *s, uint64_t wait,
		       smtp_replied *replied, const char *format, ...)
{
	struct reply reply;
	va_list args;
	size_t len;
	char *text;

	if (!s->upstream)
		return;
	/* vasprintf() would leave copies of a password behind */
	va_start(args, format);
	len = (size_t)vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = mem_new(len + 1);
	va_start(args, format);
	(void)vsnprintf(text, len + 1, format, args);
	va_end(args);
	if (smtp_client_command(s->engine, conn_out(s->upstream),
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

	s->resetting = s->dirty = false;
	if (reply->code / 100 == 2)
		return;
	err_set(&err, ERR_PEER, "RSET was answered: %u", reply->code);
	conn_abort(s->upstream);
	failed(s, &err);
}

void smtp_upstream_tidy(struct smtp_session *s)
{
	if (!s->dirty || s->transaction || s->busy || s->replied || !s->client)
		return;
	s->resetting = true;
	smtp_upstream_say(s, SMTP_COMMAND_WAIT, reset_replied, "RSET");
}

void smtp_upstream_close(struct smtp_session *s)
{
	if (!s->upstream)
		return;
	if (s->ready && !s->replied && !s->sealed.copies_n &&
	    smtp_client_waiting(s->engine) == 0) {
		(void)smtp_client_command(s->engine, conn_out(s->upstream),
					  span_str("QUIT"));
		conn_close(s->upstream);
	} else {
		conn_abort(s->upstream);
	}
	forget(s);
}
