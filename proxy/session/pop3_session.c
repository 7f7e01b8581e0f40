#include "proxy/session/pop3_session.h"

#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/pop3_state.h"

enum { BAD_COMMANDS_MAX = 20 };

static void link_in(struct pop3_session *s)
{
	struct pop3_session_list *list = s->setup.list;

	s->next = list->first;
	if (s->next)
		s->next->previous = s;
	list->first = s;
	list->count++;
}

static void unlink_from(struct pop3_session *s)
{
	struct pop3_session_list *list = s->setup.list;

	if (s->previous)
		s->previous->next = s->next;
	else
		list->first = s->next;
	if (s->next)
		s->next->previous = s->previous;
	list->count--;
}

static void destroy(struct pop3_session *s)
{
	void (*ended)(void *owner) = s->setup.ended;
	void *owner = s->setup.owner;

	pop3_upstream_close(s);
	if (s->client)
		conn_close(s->client);
	s->ending = true;	/* nothing is told to the engine any more */
	policy_forget(s->question);
	pop3_state_done(s);
	pop3_state_forget_maildrop(s);
	buf_wipe(&s->text);
	pop3_client_free(s->engine);
	pop3_server_free(s->server);
	free(s->login);
	unlink_from(s);
	free(s);
	if (ended)
		ended(owner);
}

void pop3_session_settle(struct pop3_session *s)
{
	if (s->over)
		destroy(s);
}

/* --- commands --- */

static void put_sasl(struct pop3_session *s, struct buf *out)
{
	struct strs list = { 0 };

	if (!pop3_server_plaintext(s->server))
		return;
	sasl_offer(&pop3_client_capabilities(s->engine)->sasl, &list);
	if (list.n)
		(void)buf_puts(out, "SASL");
	for (size_t i = 0; i < list.n; i++)
		(void)buf_printf(out, " %s", list.at[i]);
	if (list.n)
		(void)buf_puts(out, "\r\n");
	strs_free(&list);
}

/* A list of what is seen through; UTF8 and LANG are not. */
static void capa(struct pop3_session *s)
{
	const struct pop3_client_capabilities *they = pop3_client_capabilities(s->engine);
	struct buf *out = conn_out(s->client);

	(void)buf_puts(out, "+OK\r\n");
	if (they->top)
		(void)buf_puts(out, "TOP\r\n");
	if (they->uidl)
		(void)buf_puts(out, "UIDL\r\n");
	(void)buf_puts(out, "PIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n");
	if (pop3_server_stls(s->server))
		(void)buf_puts(out, "STLS\r\n");
	if (!s->login) {
		if (pop3_server_plaintext(s->server))
			(void)buf_puts(out, "USER\r\n");
		put_sasl(s, out);
	}
	for (size_t i = 0; i < they->others.n; i++)
		(void)buf_printf(out, "%s\r\n", they->others.at[i]);
	(void)buf_puts(out, ".\r\n");
	pop3_state_done(s);
}

static void command(struct pop3_session *s)
{
	s->busy = true;
	if (s->command.command == POP3_CAPA)
		capa(s);
	else if (s->command.command == POP3_PASS)
		pop3_login_password(s);
	else if (s->command.command == POP3_AUTH)
		pop3_login_sasl(s);
	else if (s->login)
		pop3_mail(s);
	else if (s->command.command == POP3_QUIT)
		pop3_state_end(s, "+OK bye");
	else
		pop3_state_say(s, "-ERR log in first");
}

static void on_event(struct pop3_session *s, const struct pop3_server_event *event)
{
	switch (event->kind) {
	case POP3_SERVER_MORE:
		return;
	case POP3_SERVER_COMMAND:
		s->command = *event;
		command(s);
		return;
	case POP3_SERVER_STLS:
		s->busy = true;
		s->handshaking = true;
		conn_start_tls(s->client, s->setup.creds);
		return;
	case POP3_SERVER_LINE:
		pop3_login_line(s, event->text);
		return;
	case POP3_SERVER_FATAL:
		if (!s->ending)
			log_info(&s->log, "session ended", "reason=\"%s\"",
				 event->why ? event->why : "");
		s->over = true;
		return;
	}
}

static void leave_if_draining(struct pop3_session *s)
{
	if (s->setup.list->draining && !s->busy && !s->ending)
		pop3_state_end(s, "-ERR [SYS/TEMP] shutting down");
}

/* Somebody unknown has a time for all of it; who is logged in has it anew with
 * each command. None while we work. */
static void set_deadline(struct pop3_session *s)
{
	if (s->handshaking || !s->login || conn_full(s->client))
		return;
	if (s->busy)
		conn_deadline(s->client, 0);
	else if (s->moved)
		conn_deadline(s->client, POP3_IDLE_WAIT);
	s->moved = s->busy;
}

static void take_commands(struct pop3_session *s)
{
	struct pop3_server_event event;

	leave_if_draining(s);
	while (s->client && !s->over && !s->busy && !conn_full(s->client)) {
		if (pop3_server_next(s->server, conn_in(s->client), conn_out(s->client),
				     &event) == POP3_SERVER_MORE)
			break;
		s->moved = true;
		on_event(s, &event);
		leave_if_draining(s);
	}
	if (s->client && !s->over)
		set_deadline(s);
}

void pop3_session_pump(struct pop3_session *s)
{
	bool was_busy;

	do {
		was_busy = s->busy;
		pop3_upstream_pull(s);
		if ((s->greeted || s->ending) && s->client && !s->over)
			take_commands(s);
	} while (!s->over && was_busy && !s->busy);
}

void pop3_session_greet(struct pop3_session *s)
{
	if (s->greeted || s->handshaking || !s->ready || s->ending)
		return;
	pop3_server_greet(s->server, conn_out(s->client), s->setup.settings->gateway.hostname);
	s->greeted = true;
}

/* --- the client's connection --- */

static void on_bytes(void *owner)
{
	struct pop3_session *s = owner;

	pop3_session_pump(s);
	pop3_session_settle(s);
}

static void on_drained(void *owner)
{
	struct pop3_session *s = owner;
	void (*more)(struct pop3_session *s) = s->more;

	s->more = NULL;
	if (more)
		more(s);
	pop3_session_pump(s);
	pop3_session_settle(s);
}

static void on_ready(void *owner)
{
	struct pop3_session *s = owner;
	char text[sizeof(s->failed.text) + 128];

	s->handshaking = false;
	s->busy = false;
	pop3_server_secured(s->server);
	if (s->failed.kind != ERR_NONE) {
		(void)snprintf(text, sizeof(text), "-ERR [SYS/%s] upstream %s: %s",
			       s->failed.kind == ERR_TLS ? "PERM" : "TEMP",
			       s->setup.listener->upstream->name, s->failed.text);
		pop3_state_end(s, text);
	}
	pop3_session_greet(s);
	pop3_session_pump(s);
	pop3_session_settle(s);
}

static void on_closed(void *owner, const struct err *why)
{
	struct pop3_session *s = owner;

	if (why->kind != ERR_NONE)
		log_info(&s->log, "client left", "reason=\"%s\"", why->text);
	s->client = NULL;
	s->over = true;
	pop3_session_settle(s);
}

static const struct conn_events events = {
	.bytes = on_bytes,
	.drained = on_drained,
	.ready = on_ready,
	.closed = on_closed,
};

static enum pop3_server_tls tls_of(const struct listener_settings *listener)
{
	switch (listener->tls) {
	case LISTEN_NONE:
		return POP3_TLS_NONE;
	case LISTEN_STARTTLS:
		return POP3_TLS_OFFERED;
	case LISTEN_REQUIRED:
		return POP3_TLS_REQUIRED;
	case LISTEN_IMPLICIT:
		return POP3_TLS_ACTIVE;
	}
	return POP3_TLS_REQUIRED;
}

static bool plaintext_auth(const struct pop3_session *s)
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

void pop3_session_start(struct conn *conn, const struct pop3_session_setup *setup)
{
	struct pop3_session *s = mem_new(sizeof(*s));
	struct pop3_server_setup engine = {
		.tls = tls_of(setup->listener),
		.bad_commands = BAD_COMMANDS_MAX,
	};

	s->setup = *setup;
	s->log = *setup->log;
	s->client = conn;
	engine.plaintext_auth = plaintext_auth(s);
	s->server = pop3_server_new(&engine);
	link_in(s);
	pop3_state_name(s);
	conn_own(conn, &events, s);
	conn_deadline(conn, POP3_LOGIN_WAIT);
	if (setup->listener->tls == LISTEN_IMPLICIT) {
		s->handshaking = true;
		conn_start_tls(conn, setup->creds);
	}
	pop3_upstream_dial(s);
}

void pop3_session_list_drain(struct pop3_session_list *list)
{
	struct pop3_session *next;

	list->draining = true;
	for (struct pop3_session *s = list->first; s; s = next) {
		next = s->next;
		leave_if_draining(s);
		pop3_session_pump(s);
		pop3_session_settle(s);
	}
}
