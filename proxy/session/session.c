#include "proxy/session/session.h"

#include <stdio.h>
#include <stdlib.h>

#include "proxy/net/dial.h"
#include "proxy/session/spool.h"

/* --- life --- */

static void link_in(struct session *s)
{
	struct session_list *list = s->setup.list;

	s->next = list->first;
	if (s->next)
		s->next->previous = s;
	list->first = s;
	list->count++;
}

static void unlink_from(struct session *s)
{
	struct session_list *list = s->setup.list;

	if (s->previous)
		s->previous->next = s->next;
	else
		list->first = s->next;
	if (s->next)
		s->next->previous = s->previous;
	list->count--;
}

static void share_all(struct session *s)
{
	struct spool_budget *all = s->setup.budget;

	s->share = (struct login_shares){ .reading = all, .listing = all, .sending = all };
}

static void forget_login(struct session *s)
{
	if (s->share.reading != s->setup.budget)
		shares_leave(&s->share);
	free(s->login);
	s->login = NULL;
	share_all(s);
}

static void destroy(struct session *s)
{
	void (*ended)(void *owner) = s->setup.ended;
	void *owner = s->setup.owner;

	session_upstream_close(s);
	if (s->client)
		conn_close(s->client);
	s->ending = true;	/* nothing is said to the client any more */
	policy_forget(s->question);
	s->question = NULL;
	s->protocol->done(s);
	forget_login(s);
	unlink_from(s);
	free(s);
	if (ended)
		ended(owner);
}

void session_settle(struct session *s)
{
	if (s->over)
		destroy(s);
}

/* --- who it is --- */

const char *session_login(const struct session *s)
{
	return s->login ? s->login : s->setup.listener->login;
}

static void name(struct session *s)
{
	const char *login = session_login(s);

	char by[sizeof(s->fields)] = "";

	if (login)
		log_fields(by, sizeof(by), " login=%s", login);
	log_fields(s->fields, sizeof(s->fields),
		   "session=%016llx listener=%s peer=%s upstream=%s%s",
		   (unsigned long long)s->setup.id, s->setup.listener->name,
		   s->client ? conn_peer(s->client) : "gone",
		   s->setup.listener->upstream->name, by);
	s->log.fields = s->fields;
}

void session_set_login(struct session *s, char *login)
{
	forget_login(s);
	s->login = login;
	if (login && s->setup.shares)
		shares_enter(s->setup.shares, login, &s->share);
	name(s);
}

/* --- turns --- */

/* Upstream is not read while the client does not take what was read. */
static bool stalled(const struct session *s)
{
	return s->more || (s->client && conn_full(s->client));
}

static void take_upstream(struct session *s)
{
	while (s->upstream && !s->over && !s->ending && !s->giving && !stalled(s))
		if (!s->protocol->upstream_next(s))
			return;
}

/*
 * A command has its whole time, however slowly its bytes drip in (THREATS 14):
 * the deadline is set when the engine has nothing more to do, not with each
 * byte. While we work for the client there is none; it begins with our answer.
 */
static void set_client_deadline(struct session *s)
{
	int64_t time;

	if (s->handshaking || conn_full(s->client) || !(s->moved || s->busy))
		return;
	time = s->protocol->client_time(s);
	if (time == SESSION_TIME_STANDS)
		return;
	conn_deadline(s->client, (uint64_t)time);
	s->moved = s->busy;
}

static void take_client(struct session *s)
{
	if (!s->client || s->over || !(s->greeted || s->ending))
		return;
	s->protocol->between(s);
	while (s->client && !s->over && !s->busy && !conn_full(s->client)) {
		if (!s->protocol->client_next(s))
			break;
		s->protocol->between(s);
	}
	if (s->client && !s->over)
		set_client_deadline(s);
}

/* While the client takes nothing, the time is the client's. */
static void set_upstream_deadline(struct session *s)
{
	int64_t time;

	if (!s->upstream || !s->ready || !s->protocol->upstream_time)
		return;
	if (stalled(s)) {
		conn_deadline(s->upstream, 0);
		conn_deadline(s->client, s->protocol->upstream_wait);
		s->blamed = true;
		return;
	}
	if (s->blamed && s->client) {
		s->blamed = false;
		s->moved = true;
		set_client_deadline(s);
	}
	time = s->protocol->upstream_time(s);
	if (time != SESSION_TIME_STANDS)
		conn_deadline(s->upstream, (uint64_t)time);
}

static void turn(struct session *s)
{
	bool was_busy;

	do {
		was_busy = s->busy;
		take_upstream(s);
		take_client(s);
	} while (!s->over && was_busy && !s->busy);
}

void session_turn(struct session *s)
{
	turn(s);
	session_settle(s);
}

void session_greet(struct session *s)
{
	if (s->greeted || s->handshaking || !s->ready || s->ending)
		return;
	s->protocol->greet(s);
	s->greeted = true;
}

/* --- the client's leg --- */

static void on_client_bytes(void *owner)
{
	session_turn(owner);
}

static void on_client_drained(void *owner)
{
	struct session *s = owner;
	void (*more)(struct session *s) = s->more;

	if (s->protocol->told)
		s->protocol->told(s);
	s->more = NULL;
	if (more)
		more(s);
	turn(s);
	if (s->blamed && s->client && !s->over)
		set_upstream_deadline(s);
	session_settle(s);
}

static void on_client_ready(void *owner)
{
	struct session *s = owner;

	s->handshaking = false;
	s->busy = false;
	s->protocol->secured(s);
	if (s->failed.kind != ERR_NONE && !s->ending)
		s->protocol->upstream_lost(s, &s->failed);
	if (s->protocol->greet)
		session_greet(s);
	session_turn(s);
}

static void on_client_closed(void *owner, const struct err *why)
{
	struct session *s = owner;

	if (why->kind != ERR_NONE)
		log_info(&s->log, "client left", "reason=\"%s\"", why->text);
	s->client = NULL;
	if (!s->protocol->client_left || !s->protocol->client_left(s))
		s->over = true;
	session_settle(s);
}

static const struct conn_events client_events = {
	.bytes = on_client_bytes,
	.drained = on_client_drained,
	.ready = on_client_ready,
	.closed = on_client_closed,
};

void session_client_tls(struct session *s)
{
	s->busy = true;
	s->handshaking = true;
	conn_start_tls(s->client, s->setup.creds);
}

void session_client_fatal(struct session *s, const char *why)
{
	if (!s->ending)
		log_info(&s->log, "session ended", "reason=\"%s\"", why ? why : "");
	s->over = true;
}

static enum leg_tls tls_of(const struct listener_settings *listener)
{
	switch (listener->tls) {
	case LISTEN_NONE:
		return LEG_TLS_NONE;
	case LISTEN_STARTTLS:
		return LEG_TLS_OFFERED;
	case LISTEN_REQUIRED:
		return LEG_TLS_REQUIRED;
	case LISTEN_IMPLICIT:
		return LEG_TLS_ACTIVE;
	}
	return LEG_TLS_REQUIRED;
}

static bool plaintext_auth(const struct listener_settings *listener, const struct conn *conn)
{
	switch (listener->plaintext_auth) {
	case PLAINTEXT_YES:
		return true;
	case PLAINTEXT_NO:
		return false;
	case PLAINTEXT_LOOPBACK:
		return conn_loopback(conn);
	}
	return false;
}

void session_start(struct conn *conn, const struct session_setup *setup,
		   const struct session_protocol *protocol)
{
	struct session_client client = {
		.tls = tls_of(setup->listener),
		.plaintext_auth = plaintext_auth(setup->listener, conn),
	};
	struct session *s = protocol->make(setup, &client);

	s->protocol = protocol;
	s->setup = *setup;
	share_all(s);
	s->log = *setup->log;
	s->client = conn;
	link_in(s);
	name(s);
	conn_own(conn, &client_events, s);
	conn_deadline(conn, protocol->client_wait);
	if (setup->listener->tls == LISTEN_IMPLICIT)
		session_client_tls(s);
	protocol->started(s);
}

void session_list_drain(struct session_list *list)
{
	struct session *next;

	list->draining = true;
	for (struct session *s = list->first; s; s = next) {
		next = s->next;
		if (s->client)
			s->protocol->between(s);
		session_turn(s);
	}
}

/* --- the upstream leg --- */

/* Its conn has freed itself or is closing. */
static void forget_upstream(struct session *s)
{
	s->upstream = NULL;
	s->ready = false;
	s->protocol->upstream_forget(s);
}

static void upstream_lost(struct session *s, const struct err *why)
{
	forget_upstream(s);
	if (!s->client || s->ending) {
		s->over = true;
		return;
	}
	log_warning(&s->log, "upstream failed", "reason=\"%s\"", why->text);
	if (s->handshaking)
		s->failed = *why;	/* told once there is TLS to tell it in */
	else
		s->protocol->upstream_lost(s, why);
}

static void on_upstream_bytes(void *owner)
{
	struct session *s = owner;

	turn(s);
	if (s->client && !s->over)
		set_upstream_deadline(s);
	session_settle(s);
}

static void on_upstream_drained(void *owner)
{
	struct session *s = owner;

	if (s->protocol->upstream_drained)
		s->protocol->upstream_drained(s);
	session_turn(s);
}

/* Connected, or STARTTLS has verified: only now is anything said. */
static void on_upstream_ready(void *owner)
{
	struct session *s = owner;

	conn_deadline(s->upstream, s->protocol->greeting_wait);
	if (upstream_settings(s->setup.upstream)->tls == UPSTREAM_STARTTLS &&
	    conn_secure(s->upstream))
		s->protocol->upstream_secured(s);
	session_turn(s);
}

static void on_upstream_closed(void *owner, const struct err *why)
{
	struct session *s = owner;
	struct err err = *why;

	if (err.kind == ERR_NONE)
		err_set(&err, ERR_PEER, "closed the connection");
	else if (err.kind == ERR_TIMEOUT)
		err_set(&err, ERR_TIMEOUT, "did not answer in time");
	upstream_lost(s, &err);
	session_turn(s);
}

static const struct conn_events upstream_events = {
	.bytes = on_upstream_bytes,
	.drained = on_upstream_drained,
	.ready = on_upstream_ready,
	.closed = on_upstream_closed,
};

void session_dial(struct session *s)
{
	s->upstream = dial(s->setup.loop, s->setup.upstream, &upstream_events, s);
}

void session_upstream_tls(struct session *s)
{
	conn_start_tls(s->upstream, upstream_creds(s->setup.upstream));
}

void session_upstream_ready(struct session *s)
{
	s->ready = true;
	conn_deadline(s->upstream, 0);
	if (s->protocol->greet)
		session_greet(s);
}

void session_upstream_failed(struct session *s, const struct err *why)
{
	conn_abort(s->upstream);
	upstream_lost(s, why);
}

void session_upstream_close(struct session *s)
{
	if (!s->upstream)
		return;
	if (s->ready && s->protocol->upstream_bye(s))
		conn_close(s->upstream);
	else
		conn_abort(s->upstream);
	forget_upstream(s);
}

void session_upstream_words(const struct session *s, const struct err *why, char *text, size_t size)
{
	(void)snprintf(text, size, "upstream %s: %s", s->setup.listener->upstream->name, why->text);
}
