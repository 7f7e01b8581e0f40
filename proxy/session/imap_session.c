#include "proxy/session/imap_session.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/imap_append.h"
#include "proxy/session/imap_command.h"
#include "proxy/session/imap_login.h"
#include "proxy/session/imap_relay.h"
#include "proxy/session/imap_state.h"
#include "proxy/session/imap_upstream.h"

enum { BAD_COMMANDS_MAX = 50 };

static void on_event(struct imap_session *s,
		     const struct imap_server_event *event)
{
	switch (event->kind) {
	case IMAP_SERVER_MORE:
		return;
	case IMAP_SERVER_COMMAND:
		s->base.busy = true;
		s->command = *event;
		imap_command(s);
		return;
	case IMAP_SERVER_STARTTLS:
		session_client_tls(&s->base);
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
		session_client_fatal(&s->base, event->why);
		return;
	}
}

static bool client_next(struct session *base)
{
	struct imap_session *s = imap_state_of(base);
	struct imap_server_event event;

	if (s->big == IMAP_BIG_RELAYED)
		return false;	/* an answer of ours would stand in the midst of it */
	if (imap_server_next(s->server, conn_in(base->client), conn_out(base->client), &event) ==
	    IMAP_SERVER_MORE)
		return false;
	base->moved |= event.kind != IMAP_SERVER_BODY;
	on_event(s, &event);
	return true;
}

/*
 * Somebody unknown has a time for all of it, however many commands are said;
 * who is logged in has it anew with each command. None while we work.
 */
static int64_t client_time(const struct session *base)
{
	const struct imap_session *s = (const struct imap_session *)base;

	if (!base->login || s->spool)
		return SESSION_TIME_STANDS;
	return base->busy ? 0 : IMAP_IDLE_WAIT;
}

static void between(struct session *base)
{
	struct imap_session *s = imap_state_of(base);
	bool under_way = base->busy && !base->handshaking;

	if (base->setup.list->draining && !under_way && !s->spool && !base->ending)
		imap_state_end(s, "shutting down");
}

static void greet(struct session *base)
{
	struct imap_session *s = imap_state_of(base);
	struct imap_offer offer;
	struct buf words;

	imap_state_offer(s, &offer);
	buf_init(&words, 16 * 1024);
	imap_capabilities_put(imap_client_capabilities(s->engine), &offer, &words);
	imap_server_greet(s->server, conn_out(base->client),
			  base->setup.settings->gateway.hostname, buf_span(&words));
	buf_free(&words);
}

static void secured(struct session *base)
{
	imap_server_secured(imap_state_of(base)->server);
}

static struct session *make(const struct session_setup *setup, const struct session_client *client)
{
	struct imap_session *s = mem_new(sizeof(*s));
	struct imap_server_setup engine = {
		.tls = client->tls,
		.plaintext_auth = client->plaintext_auth,
		.message_size = setup->settings->gateway.max_message_size,
		.bad_commands = BAD_COMMANDS_MAX,
	};

	s->server = imap_server_new(&engine);
	s->sealed_fd = -1;
	return &s->base;
}

static void done(struct session *base)
{
	struct imap_session *s = imap_state_of(base);

	loop_turn_drop(&s->rest);
	imap_state_drop_work(s);
	imap_state_unselect(s);
	imap_client_free(s->engine);
	imap_server_free(s->server);
}

const struct session_protocol imap_session_protocol = {
	.too_many = "* BYE too many sessions: try again later",
	.client_wait = IMAP_LOGIN_WAIT,
	.greeting_wait = IMAP_GREETING_WAIT,
	.upstream_wait = IMAP_UPSTREAM_WAIT,
	.make = make,
	.done = done,
	.started = imap_upstream_dial,
	.greet = greet,
	.client_next = client_next,
	.upstream_next = imap_upstream_next,
	.between = between,
	.client_time = client_time,
	.upstream_time = imap_upstream_time,
	.secured = secured,
	.upstream_secured = imap_upstream_secured,
	.upstream_drained = imap_upstream_drained,
	.upstream_bye = imap_upstream_bye,
	.upstream_forget = imap_upstream_forget,
	.upstream_lost = imap_upstream_lost,
};
