#include "proxy/session/pop3_session.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/pop3_upstream.h"

enum { BAD_COMMANDS_MAX = 20 };

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
	struct buf *out = conn_out(s->base.client);

	(void)buf_puts(out, "+OK\r\n");
	if (they->top)
		(void)buf_puts(out, "TOP\r\n");
	if (they->uidl)
		(void)buf_puts(out, "UIDL\r\n");
	(void)buf_puts(out, "PIPELINING\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\n");
	if (pop3_server_stls(s->server))
		(void)buf_puts(out, "STLS\r\n");
	if (!s->base.login) {
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
	s->base.busy = true;
	if (s->command.command == POP3_CAPA)
		capa(s);
	else if (s->command.command == POP3_PASS)
		pop3_login_password(s);
	else if (s->command.command == POP3_AUTH)
		pop3_login_sasl(s);
	else if (s->base.login)
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
		session_client_tls(&s->base);
		return;
	case POP3_SERVER_LINE:
		pop3_login_line(s, event->text);
		return;
	case POP3_SERVER_FATAL:
		session_client_fatal(&s->base, event->why);
		return;
	}
}

/* --- what session.h asks for --- */

static bool client_next(struct session *base)
{
	struct pop3_session *s = pop3_state_of(base);
	struct pop3_server_event event;

	if (pop3_server_next(s->server, conn_in(base->client), conn_out(base->client), &event) ==
	    POP3_SERVER_MORE)
		return false;
	base->moved = true;
	on_event(s, &event);
	return true;
}

/* Somebody unknown has a time for all of it; who is logged in has it anew with
 * each command. None while we work. */
static int64_t client_time(const struct session *base)
{
	if (!base->login)
		return SESSION_TIME_STANDS;
	return base->busy ? 0 : POP3_IDLE_WAIT;
}

static void between(struct session *base)
{
	bool under_way = base->busy && !base->handshaking;

	if (base->setup.list->draining && !under_way && !base->ending)
		pop3_state_end(pop3_state_of(base), "-ERR [SYS/TEMP] shutting down");
}

static void greet(struct session *base)
{
	pop3_server_greet(pop3_state_of(base)->server, conn_out(base->client),
			  base->setup.settings->gateway.hostname);
}

static void secured(struct session *base)
{
	pop3_server_secured(pop3_state_of(base)->server);
}

static struct session *make(const struct session_setup *setup, const struct session_client *client)
{
	struct pop3_session *s = mem_new(sizeof(*s));
	struct pop3_server_setup engine = {
		.tls = client->tls,
		.plaintext_auth = client->plaintext_auth,
		.bad_commands = BAD_COMMANDS_MAX,
	};

	(void)setup;
	s->server = pop3_server_new(&engine);
	return &s->base;
}

static void done(struct session *base)
{
	struct pop3_session *s = pop3_state_of(base);

	pop3_state_done(s);
	pop3_state_forget_maildrop(s);
	buf_wipe(&s->text);
	pop3_client_free(s->engine);
	pop3_server_free(s->server);
}

const struct session_protocol pop3_session_protocol = {
	.too_many = "-ERR [SYS/TEMP] too many sessions: try again later",
	.client_wait = POP3_LOGIN_WAIT,
	.greeting_wait = POP3_GREETING_WAIT,
	.upstream_wait = POP3_UPSTREAM_WAIT,
	.make = make,
	.done = done,
	.started = pop3_upstream_dial,
	.greet = greet,
	.client_next = client_next,
	.upstream_next = pop3_upstream_next,
	.between = between,
	.client_time = client_time,
	.upstream_time = pop3_upstream_time,
	.secured = secured,
	.upstream_secured = pop3_upstream_secured,
	.upstream_bye = pop3_upstream_bye,
	.upstream_forget = pop3_upstream_forget,
	.upstream_lost = pop3_upstream_lost,
};
