#include "proxy/session/smtp_session.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/smtp_auth.h"
#include "proxy/session/smtp_deliver.h"
#include "proxy/session/smtp_envelope.h"
#include "proxy/session/smtp_hello.h"
#include "proxy/session/smtp_state.h"
#include "proxy/session/smtp_submit.h"
#include "proxy/session/smtp_upstream.h"

enum {
	TEXT_LINE_MAX = 1024 * 1024,	/* octets; RFC 5321 asks for 1000 */
	BAD_COMMANDS_MAX = 20,
};

/* What cannot be answered without upstream. A new one in its place would not
 * know the login, nor the transaction. */
static bool needs_upstream(enum smtp_server_event_kind kind)
{
	switch (kind) {
	case SMTP_SERVER_HELLO:
	case SMTP_SERVER_AUTH:
	case SMTP_SERVER_AUTH_LINE:
	case SMTP_SERVER_AUTH_CANCEL:
	case SMTP_SERVER_MAIL:
	case SMTP_SERVER_RCPT:
	case SMTP_SERVER_DATA:
	case SMTP_SERVER_BODY_END:
		return true;
	case SMTP_SERVER_MORE:
	case SMTP_SERVER_STARTTLS:
	case SMTP_SERVER_BODY:
	case SMTP_SERVER_BODY_BAD:
	case SMTP_SERVER_RESET:
	case SMTP_SERVER_QUIT:
	case SMTP_SERVER_FATAL:
		return false;
	}
	return true;
}

static void on_event(struct smtp_session *s,
		     const struct smtp_server_event *event)
{
	if (smtp_upstream_gone(s) && needs_upstream(event->kind)) {
		smtp_upstream_end(s);
		return;
	}
	switch (event->kind) {
	case SMTP_SERVER_MORE:
		return;
	case SMTP_SERVER_HELLO:
		smtp_hello(s, event);
		return;
	case SMTP_SERVER_STARTTLS:
		smtp_hello_starttls(s);
		return;
	case SMTP_SERVER_AUTH:
		smtp_auth(s, event);
		return;
	case SMTP_SERVER_AUTH_LINE:
		smtp_auth_line(s, event);
		return;
	case SMTP_SERVER_AUTH_CANCEL:
		smtp_auth_cancel(s);
		return;
	case SMTP_SERVER_MAIL:
		smtp_envelope_mail(s, event);
		return;
	case SMTP_SERVER_RCPT:
		smtp_envelope_rcpt(s, event);
		return;
	case SMTP_SERVER_DATA:
		smtp_submit_data(s);
		return;
	case SMTP_SERVER_BODY:
		smtp_submit_body(s, event->body);
		return;
	case SMTP_SERVER_BODY_END:
		smtp_submit_end(s);
		return;
	case SMTP_SERVER_BODY_BAD:
		smtp_submit_bad(s, event->why);
		return;
	case SMTP_SERVER_RESET:
		smtp_state_reset(s);
		return;
	case SMTP_SERVER_QUIT:
		s->base.over = true;
		return;
	case SMTP_SERVER_FATAL:
		session_client_fatal(&s->base, event->why);
		return;
	}
}

static bool client_next(struct session *base)
{
	struct smtp_session *s = smtp_state_of(base);
	struct smtp_server_event event;

	if (s->turned_away.code) {
		smtp_hello_turned_away(s);
		return false;
	}
	if (s->tidying || smtp_server_next(s->server, conn_in(base->client),
					     conn_out(base->client), &event) == SMTP_SERVER_MORE)
		return false;
	base->moved |= event.kind != SMTP_SERVER_BODY;
	on_event(s, &event);
	return true;
}

/* A message on its way has a time of its own; see smtp_submit. */
static int64_t client_time(const struct session *base)
{
	const struct smtp_session *s = (const struct smtp_session *)base;

	if (base->busy)
		return 0;
	return s->spool || s->turned_away.code ? SESSION_TIME_STANDS : SMTP_COMMAND_WAIT;
}

/* A worker that drains lets go of a client between two transactions. */
static void leave_if_draining(struct smtp_session *s)
{
	struct reply reply;

	if (!s->base.setup.list->draining || s->transaction || s->base.busy || s->base.ending)
		return;
	reply_set(&reply, 421, "4.3.2", "shutting down");
	smtp_state_end(s, &reply);
}

static void between(struct session *base)
{
	leave_if_draining(smtp_state_of(base));
	smtp_upstream_tidy(smtp_state_of(base));
}

static void told(struct session *base)
{
	smtp_deliver_told(smtp_state_of(base));
}

static void greet(struct session *base)
{
	smtp_server_greet(smtp_state_of(base)->server, conn_out(base->client));
	conn_deadline(base->client, SMTP_COMMAND_WAIT);
	base->greeted = true;
}

/* Upstream is dialled at EHLO: a client that says none costs it nothing. */
static void started(struct session *base)
{
	if (!base->handshaking)
		greet(base);
}

static void secured(struct session *base)
{
	if (base->greeted)
		smtp_hello_secured(smtp_state_of(base));
	else
		greet(base);
}

/*
 * What was not whole is dropped; a copy whose final dot is out is waited for,
 * so that the journal knows of it when the client repeats.
 */
static bool client_left(struct session *base)
{
	struct smtp_session *s = smtp_state_of(base);

	s->told[0] = '\0';
	if (s->dot_sent)
		smtp_state_give_room(s);	/* no other copy will go */
	return s->dot_sent || (base->question && s->last_reply.code);
}

static struct session *make(const struct session_setup *setup, const struct session_client *client)
{
	const struct gateway_settings *gateway = &setup->settings->gateway;
	struct smtp_session *s = mem_new(sizeof(*s));
	struct smtp_server_setup engine = {
		.hostname = gateway->hostname,
		.tls = client->tls,
		.plaintext_auth = client->plaintext_auth,
		.limits = {
			.message_size = gateway->max_message_size,
			.text_line = TEXT_LINE_MAX,
			.recipients = ENVELOPE_RECIPIENTS_MAX,
			.bad_commands = BAD_COMMANDS_MAX,
		},
	};

	s->server = smtp_server_new(&engine);
	s->sealed_fd = -1;
	return &s->base;
}

static void done(struct session *base)
{
	struct smtp_session *s = smtp_state_of(base);

	smtp_state_reset(s);
	sasl_free(s->sasl);
	smtp_server_free(s->server);
	free(s->sender_allowed);
	free(s->hello);
}

const struct session_protocol smtp_session_protocol = {
	.too_many = "421 4.3.2 too many sessions: try again later",
	.client_wait = SMTP_COMMAND_WAIT,
	.greeting_wait = SMTP_COMMAND_WAIT,
	.upstream_wait = SMTP_COMMAND_WAIT,
	.make = make,
	.done = done,
	.started = started,
	.client_next = client_next,
	.upstream_next = smtp_upstream_next,
	.between = between,
	.client_time = client_time,
	.secured = secured,
	.told = told,
	.client_left = client_left,
	.upstream_secured = smtp_upstream_secured,
	.upstream_drained = smtp_upstream_drained,
	.upstream_bye = smtp_upstream_bye,
	.upstream_forget = smtp_upstream_forget,
	.upstream_lost = smtp_upstream_lost,
};
