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

static void link_in(struct smtp_session *s)
{
	struct smtp_session_list *list = s->setup.list;

	s->next = list->first;
	if (s->next)
		s->next->previous = s;
	list->first = s;
	list->count++;
}

static void unlink_from(struct smtp_session *s)
{
	struct smtp_session_list *list = s->setup.list;

	if (s->previous)
		s->previous->next = s->next;
	else
		list->first = s->next;
	if (s->next)
		s->next->previous = s->previous;
	list->count--;
}

static void destroy(struct smtp_session *s)
{
	void (*ended)(void *owner) = s->setup.ended;
	void *owner = s->setup.owner;

	smtp_upstream_close(s);
	if (s->client)
		conn_close(s->client);
	smtp_state_reset(s);
	sasl_free(s->sasl);
	smtp_server_free(s->server);
	free(s->login);
	free(s->sender_allowed);
	free(s->hello);
	unlink_from(s);
	free(s);
	if (ended)
		ended(owner);
}

void smtp_session_settle(struct smtp_session *s)
{
	if (s->over)
		destroy(s);
}

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
		smtp_upstream_lost(s);
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
		s->over = true;
		return;
	case SMTP_SERVER_FATAL:
		if (!s->ending)
			log_info(&s->log, "session ended", "reason=\"%s\"",
				 event->why ? event->why : "");
		s->over = true;
		return;
	}
}

/*
 * A command has its whole time, however slowly its bytes drip in (THREATS 14):
 * the deadline is set when the engine has nothing more to do, not with each
 * byte. While we work for the client there is none; it begins with our answer.
 */
static void set_deadline(struct smtp_session *s, bool moved)
{
	if (s->handshaking)
		return;
	if (s->busy)
		conn_deadline(s->client, 0);
	else if ((moved || s->was_busy) && !s->spool)
		conn_deadline(s->client, SMTP_COMMAND_WAIT);
	s->was_busy = s->busy;
}

/* A worker that drains lets go of a client between two transactions. */
static void leave_if_draining(struct smtp_session *s)
{
	struct reply reply;

	if (!s->setup.list->draining || s->transaction || s->busy || s->ending)
		return;
	reply_set(&reply, 421, "4.3.2", "shutting down");
	smtp_state_end(s, &reply);
}

void smtp_session_pump(struct smtp_session *s)
{
	struct smtp_server_event event;
	bool moved = false;

	if (s->turned_away.code) {
		if (s->client && !s->over)
			smtp_hello_turned_away(s);
		return;
	}
	leave_if_draining(s);
	smtp_upstream_tidy(s);
	while (s->client && !s->over && !s->busy && !s->resetting &&
	       !conn_full(s->client)) {
		if (smtp_server_next(s->server, conn_in(s->client),
				     conn_out(s->client), &event) ==
		    SMTP_SERVER_MORE)
			break;
		moved |= event.kind != SMTP_SERVER_BODY;
		on_event(s, &event);
		leave_if_draining(s);
		smtp_upstream_tidy(s);
	}
	if (s->client && !s->over)
		set_deadline(s, moved);
}

static void on_bytes(void *owner)
{
	struct smtp_session *s = owner;

	smtp_session_pump(s);
	smtp_session_settle(s);
}

static void on_drained(void *owner)
{
	struct smtp_session *s = owner;

	smtp_deliver_told(s);
	smtp_session_pump(s);
	smtp_session_settle(s);
}

static void greet(struct smtp_session *s)
{
	smtp_server_greet(s->server, conn_out(s->client));
	conn_deadline(s->client, SMTP_COMMAND_WAIT);
}

static void on_ready(void *owner)
{
	struct smtp_session *s = owner;

	if (s->setup.listener->tls == LISTEN_IMPLICIT) {
		s->busy = false;
		s->handshaking = false;
		greet(s);
	} else {
		smtp_hello_secured(s);
	}
	smtp_session_pump(s);
	smtp_session_settle(s);
}

/*
 * The client has gone. What was not whole is dropped; a copy whose final dot
 * is out is waited for, so that the journal knows of it when the client
 * repeats.
 */
static void on_closed(void *owner, const struct err *why)
{
	struct smtp_session *s = owner;

	if (why->kind != ERR_NONE)
		log_info(&s->log, "client left", "reason=\"%s\"", why->text);
	s->client = NULL;
	s->told[0] = '\0';
	if (!s->dot_sent && !(s->question && s->last_reply.code))
		s->over = true;
	smtp_session_settle(s);
}

static const struct conn_events events = {
	.bytes = on_bytes,
	.drained = on_drained,
	.ready = on_ready,
	.closed = on_closed,
};

static enum smtp_server_tls tls_of(const struct listener_settings *listener)
{
	switch (listener->tls) {
	case LISTEN_NONE:
		return SMTP_TLS_NONE;
	case LISTEN_STARTTLS:
		return SMTP_TLS_OFFERED;
	case LISTEN_REQUIRED:
		return SMTP_TLS_REQUIRED;
	case LISTEN_IMPLICIT:
		return SMTP_TLS_ACTIVE;
	}
	return SMTP_TLS_REQUIRED;
}

static bool plaintext_auth(const struct smtp_session *s)
{
	switch (s->setup.listener->plaintext_auth) {
	case PLAINTEXT_YES:
		return true;
	case PLAINTEXT_NO:
		return false;
	case PLAINTEXT_LOOPBACK:
		return conn_loopback(s->client);
	}
	return false;
}

static struct smtp_server *engine(const struct smtp_session *s)
{
	const struct gateway_settings *gateway = &s->setup.settings->gateway;
	struct smtp_server_setup setup = {
		.hostname = gateway->hostname,
		.tls = tls_of(s->setup.listener),
		.plaintext_auth = plaintext_auth(s),
		.limits = {
			.message_size = gateway->max_message_size,
			.text_line = TEXT_LINE_MAX,
			.recipients = ENVELOPE_RECIPIENTS_MAX,
			.bad_commands = BAD_COMMANDS_MAX,
		},
	};

	return smtp_server_new(&setup);
}

void smtp_session_start(struct conn *conn,
			const struct smtp_session_setup *setup)
{
	struct smtp_session *s = mem_new(sizeof(*s));

	s->setup = *setup;
	s->log = *setup->log;
	s->client = conn;
	s->sealed_fd = -1;
	s->server = engine(s);
	link_in(s);
	smtp_state_name(s);
	conn_own(conn, &events, s);
	if (setup->listener->tls == LISTEN_IMPLICIT) {
		s->busy = true;
		s->handshaking = true;
		conn_deadline(conn, SMTP_COMMAND_WAIT);
		conn_start_tls(conn, setup->creds);
	} else {
		greet(s);
	}
}

void smtp_session_list_drain(struct smtp_session_list *list)
{
	struct smtp_session *next;

	list->draining = true;
	for (struct smtp_session *s = list->first; s; s = next) {
		next = s->next;
		smtp_session_pump(s);
		smtp_session_settle(s);
	}
}
