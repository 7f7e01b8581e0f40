#include "proxy/session/imap_session.h"

#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/imap_append.h"
#include "proxy/session/imap_command.h"
#include "proxy/session/imap_login.h"
#include "proxy/session/imap_relay.h"
#include "proxy/session/imap_state.h"

enum { BAD_COMMANDS_MAX = 50 };

static void link_in(struct imap_session *s)
{
	struct imap_session_list *list = s->setup.list;

	s->next = list->first;
	if (s->next)
		s->next->previous = s;
	list->first = s;
	list->count++;
}

static void unlink_from(struct imap_session *s)
{
	struct imap_session_list *list = s->setup.list;

	if (s->previous)
		s->previous->next = s->next;
	else
		list->first = s->next;
	if (s->next)
		s->next->previous = s->previous;
	list->count--;
}

static void destroy(struct imap_session *s)
{
	void (*ended)(void *owner) = s->setup.ended;
	void *owner = s->setup.owner;

	imap_upstream_close(s);
	if (s->client)
		conn_close(s->client);
	imap_state_drop_work(s);
	imap_state_unselect(s);
	imap_client_free(s->engine);
	imap_server_free(s->server);
	free(s->login);
	unlink_from(s);
	free(s);
	if (ended)
		ended(owner);
}

void imap_session_settle(struct imap_session *s)
{
	if (s->over)
		destroy(s);
}

static void starttls(struct imap_session *s)
{
	s->busy = true;
	s->handshaking = true;
	conn_start_tls(s->client, s->setup.creds);
}

static void on_event(struct imap_session *s,
		     const struct imap_server_event *event)
{
	switch (event->kind) {
	case IMAP_SERVER_MORE:
		return;
	case IMAP_SERVER_COMMAND:
		s->busy = true;
		s->command = *event;
		imap_command(s);
		return;
	case IMAP_SERVER_STARTTLS:
		starttls(s);
		return;
	case IMAP_SERVER_LINE:
		if (s->idling)
			imap_relay_idle_line(s, event->text);
		else
			imap_login_line(s, event->text);
		return;
	case IMAP_SERVER_APPEND:
		imap_append(s, event);
		return;
	case IMAP_SERVER_BODY:
		imap_append_body(s, event->text);
		return;
	case IMAP_SERVER_BODY_END:
		imap_append_end(s);
		return;
	case IMAP_SERVER_BODY_BAD:
		imap_append_bad(s);
		return;
	case IMAP_SERVER_FATAL:
		if (!s->ending)
			log_info(&s->log, "session ended", "reason=\"%s\"",
				 event->why ? event->why : "");
		s->over = true;
		return;
	}
}

/*
 * Somebody unknown has a time for all of it, however many commands are said;
 * who is logged in has it anew with each command. None while we work.
 */
static void set_deadline(struct imap_session *s)
{
	if (s->handshaking || !s->login || s->spool || conn_full(s->client))
		return;
	if (s->busy)
		conn_deadline(s->client, 0);
	else if (s->moved)
		conn_deadline(s->client, IMAP_IDLE_WAIT);
	s->moved = s->busy;
}

/* A worker that drains lets go of a client between two commands. */
static void leave_if_draining(struct imap_session *s)
{
	if (s->setup.list->draining && !s->busy && !s->spool && !s->ending)
		imap_state_end(s, "shutting down");
}

static void take_commands(struct imap_session *s)
{
	struct imap_server_event event;

	leave_if_draining(s);
	while (s->client && !s->over && !s->busy && !conn_full(s->client)) {
		if (imap_server_next(s->server, conn_in(s->client),
				     conn_out(s->client), &event) ==
		    IMAP_SERVER_MORE)
			break;
		s->moved |= event.kind != IMAP_SERVER_BODY;
		on_event(s, &event);
		leave_if_draining(s);
	}
	if (s->client && !s->over)
		set_deadline(s);
}

void imap_session_pump(struct imap_session *s)
{
	bool was_busy;

	do {
		was_busy = s->busy;
		imap_upstream_pull(s);
		if ((s->greeted || s->ending) && s->client && !s->over)
			take_commands(s);
	} while (!s->over && was_busy && !s->busy);
}

void imap_session_greet(struct imap_session *s)
{
	struct imap_offer offer;
	struct buf words;

	if (s->greeted || s->handshaking || !s->ready || s->ending)
		return;
	imap_state_offer(s, &offer);
	buf_init(&words, 16 * 1024);
	imap_capabilities_put(imap_client_capabilities(s->engine), &offer, &words);
	imap_server_greet(s->server, conn_out(s->client),
			  s->setup.settings->gateway.hostname, buf_span(&words));
	buf_free(&words);
	s->greeted = true;
}

static void on_bytes(void *owner)
{
	struct imap_session *s = owner;

	imap_session_pump(s);
	imap_session_settle(s);
}

static void on_drained(void *owner)
{
	struct imap_session *s = owner;
	void (*more)(struct imap_session *s) = s->more;

	s->more = NULL;
	if (more)
		more(s);
	imap_session_pump(s);
	imap_session_settle(s);
}

/* The handshake with the client is over. */
static void on_ready(void *owner)
{
	struct imap_session *s = owner;
	char text[sizeof(s->failed.text) + 128];

	s->handshaking = false;
	s->busy = false;
	imap_server_secured(s->server);
	if (s->failed.kind != ERR_NONE) {
		(void)snprintf(text, sizeof(text), "upstream %s: %s",
			       s->setup.listener->upstream->name, s->failed.text);
		imap_state_end(s, text);
	}
	imap_session_greet(s);
	imap_session_pump(s);
	imap_session_settle(s);
}

static void on_closed(void *owner, const struct err *why)
{
	struct imap_session *s = owner;

	if (why->kind != ERR_NONE)
		log_info(&s->log, "client left", "reason=\"%s\"", why->text);
	s->client = NULL;
	s->over = true;
	imap_session_settle(s);
}

static const struct conn_events events = {
	.bytes = on_bytes,
	.drained = on_drained,
	.ready = on_ready,
	.closed = on_closed,
};

static enum imap_server_tls tls_of(const struct listener_settings *listener)
{
	switch (listener->tls) {
	case LISTEN_NONE:
		return IMAP_TLS_NONE;
	case LISTEN_STARTTLS:
		return IMAP_TLS_OFFERED;
	case LISTEN_REQUIRED:
		return IMAP_TLS_REQUIRED;
	case LISTEN_IMPLICIT:
		return IMAP_TLS_ACTIVE;
	}
	return IMAP_TLS_REQUIRED;
}

static bool plaintext_auth(const struct imap_session *s)
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

void imap_session_start(struct conn *conn,
			const struct imap_session_setup *setup)
{
	struct imap_session *s = mem_new(sizeof(*s));
	struct imap_server_setup engine = {
		.tls = tls_of(setup->listener),
		.message_size = setup->settings->gateway.max_message_size,
		.bad_commands = BAD_COMMANDS_MAX,
	};

	s->setup = *setup;
	s->log = *setup->log;
	s->client = conn;
	s->sealed_fd = -1;
	engine.plaintext_auth = plaintext_auth(s);
	s->server = imap_server_new(&engine);
	link_in(s);
	imap_state_name(s);
	conn_own(conn, &events, s);
	conn_deadline(conn, IMAP_LOGIN_WAIT);
	if (setup->listener->tls == LISTEN_IMPLICIT) {
		s->handshaking = true;
		conn_start_tls(conn, setup->creds);
	}
	imap_upstream_dial(s);
}

void imap_session_list_drain(struct imap_session_list *list)
{
	struct imap_session *next;

	list->draining = true;
	for (struct imap_session *s = list->first; s; s = next) {
		next = s->next;
		leave_if_draining(s);
		imap_session_pump(s);
		imap_session_settle(s);
	}
}
