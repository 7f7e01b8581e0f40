#include <stdio.h>


#include "proxy/net/dial.h"
#include "proxy/session/imap_append.h"
#include "proxy/session/imap_login.h"
#include "proxy/session/imap_relay.h"
#include "proxy/session/imap_state.h"

/* The leg is gone; its conn has freed itself or is closing. */
static void forget(struct imap_session *s)
{
	s->upstream = NULL;
	s->ready = false;
	s->heard = NULL;
	s->answered = NULL;
}

static void failed(struct imap_session *s, const struct err *why)
{
	char text[sizeof(why->text) + 128];

	forget(s);
	if (!s->client || s->ending) {
		s->over = true;
		return;
	}
	log_warning(&s->log, "upstream failed", "reason=\"%s\"", why->text);
	if (s->handshaking) {
		s->failed = *why;	/* told once there is TLS to tell it in */
		return;
	}
	(void)snprintf(text, sizeof(text), "upstream %s: %s",
		       s->setup.listener->upstream->name, why->text);
	imap_state_end(s, text);
}

static void on_untagged(struct imap_session *s,
			const struct imap_client_event *event)
{
	if (s->heard && s->heard(s, event))
		return;
	imap_relay_untagged(s, event->text);
}

/* All of a large response goes one way: that of its beginning. */
static void on_big(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->kind == IMAP_CLIENT_BIG) {
		if (s->heard && s->heard(s, event))
			s->big = IMAP_BIG_TAKEN;
		else
			s->big = imap_relay_begins(s, event->text)
				 ? IMAP_BIG_RELAYED : IMAP_BIG_DROPPED;
		return;
	}
	if (s->big == IMAP_BIG_TAKEN && s->heard)
		(void)s->heard(s, event);
	else if (s->big == IMAP_BIG_RELAYED)
		imap_relay_run(s, event);
	if (event->kind == IMAP_CLIENT_BIG_END)
		s->big = IMAP_BIG_NONE;
}

static void on_tagged(struct imap_session *s, const struct imap_client_event *event)
{
	imap_answered *answered = s->answered;

	conn_deadline(s->upstream, 0);
	s->heard = NULL;
	s->answered = NULL;
	if (answered)
		answered(s, event);
}

static void on_event(struct imap_session *s,
		     const struct imap_client_event *event, const struct err *err)
{
	switch (event->kind) {
	case IMAP_CLIENT_MORE:
		return;
	case IMAP_CLIENT_STARTTLS:
		conn_start_tls(s->upstream, upstream_creds(s->setup.upstream));
		return;
	case IMAP_CLIENT_READY:
		s->ready = true;
		conn_deadline(s->upstream, 0);
		imap_session_greet(s);
		return;
	case IMAP_CLIENT_UNTAGGED:
		on_untagged(s, event);
		return;
	case IMAP_CLIENT_BIG:
	case IMAP_CLIENT_RUN:
	case IMAP_CLIENT_BIG_END:
		on_big(s, event);
		return;
	case IMAP_CLIENT_CONTINUE:
		if (s->sasl)
			imap_login_challenge(s, event->text);
		else
			imap_relay_idles(s);
		return;
	case IMAP_CLIENT_GO:
		imap_append_send(s);
		return;
	case IMAP_CLIENT_TAGGED:
		on_tagged(s, event);
		return;
	case IMAP_CLIENT_FAILED:
		conn_abort(s->upstream);
		failed(s, err);
		return;
	}
}

/* Upstream is not read while the client does not take what was read. */
static bool stalled(struct imap_session *s)
{
	return s->more || (s->client && conn_full(s->client));
}

void imap_upstream_pull(struct imap_session *s)
{
	struct imap_client_event event;
	struct err err = { ERR_NONE, "" };

	while (s->upstream && !s->over && !s->ending && !stalled(s)) {
		if (imap_client_next(s->engine, conn_in(s->upstream),
				     conn_out(s->upstream), &event, &err) ==
		    IMAP_CLIENT_MORE)
			return;
		on_event(s, &event, &err);
		if (event.kind == IMAP_CLIENT_STARTTLS)
			return;
	}
}

static void set_deadline(struct imap_session *s)
{
	if (!s->upstream || !s->ready)
		return;
	if (stalled(s)) {
		conn_deadline(s->upstream, 0);
		conn_deadline(s->client, IMAP_UPSTREAM_WAIT);
	} else if (imap_client_busy(s->engine) && !s->idling && !s->sasl) {
		conn_deadline(s->upstream, IMAP_UPSTREAM_WAIT);
	}
}

static void on_bytes(void *owner)
{
	struct imap_session *s = owner;

	imap_session_pump(s);
	if (s->client && !s->over)
		set_deadline(s);
	imap_session_settle(s);
}

static void on_drained(void *owner)
{
	struct imap_session *s = owner;

	if (s->sending)
		imap_append_send(s);
	imap_session_pump(s);
	imap_session_settle(s);
}

/* Connected, or STARTTLS has verified: only now is anything said. */
static void on_ready(void *owner)
{
	struct imap_session *s = owner;
	const struct upstream_settings *settings =
		upstream_settings(s->setup.upstream);

	conn_deadline(s->upstream, IMAP_GREETING_WAIT);
	if (settings->tls == UPSTREAM_STARTTLS && conn_secure(s->upstream))
		imap_client_secured(s->engine, conn_out(s->upstream));
	imap_session_pump(s);
	imap_session_settle(s);
}

static void on_closed(void *owner, const struct err *why)
{
	struct imap_session *s = owner;
	struct err err = *why;

	if (err.kind == ERR_NONE)
		err_set(&err, ERR_PEER, "closed the connection");
	else if (err.kind == ERR_TIMEOUT)
		err_set(&err, ERR_TIMEOUT, "did not answer in time");
	failed(s, &err);
	imap_session_pump(s);
	imap_session_settle(s);
}

static const struct conn_events events = {
	.bytes = on_bytes,
	.drained = on_drained,
	.ready = on_ready,
	.closed = on_closed,
};

void imap_upstream_dial(struct imap_session *s)
{
	const struct upstream_settings *settings =
		upstream_settings(s->setup.upstream);

	s->engine = imap_client_new(settings->tls == UPSTREAM_STARTTLS);
	s->upstream = dial(s->setup.loop, s->setup.upstream, &events, s);
}

void imap_upstream_say(struct imap_session *s, struct span command,
		       imap_heard *heard, imap_answered *answered)
{
	if (s->ending || !s->upstream)
		return;
	if (imap_client_command(s->engine, conn_out(s->upstream), command) < 0) {
		imap_state_end(s, "cannot say this upstream");
		return;
	}
	s->heard = heard;
	s->answered = answered;
	conn_deadline(s->upstream, IMAP_UPSTREAM_WAIT);
}

void imap_upstream_say_body(struct imap_session *s, struct span command, uint64_t size,
			    imap_answered *answered)
{
	if (s->ending || !s->upstream)
		return;
	if (imap_client_command_body(s->engine, conn_out(s->upstream), command, size) < 0) {
		imap_state_end(s, "cannot say this upstream");
		return;
	}
	s->heard = NULL;
	s->answered = answered;
	conn_deadline(s->upstream, IMAP_UPSTREAM_WAIT);
}

void imap_upstream_line(struct imap_session *s, struct span line)
{
	if (s->ending || !s->upstream)
		return;
	if (imap_client_line(s->engine, conn_out(s->upstream), line) < 0)
		imap_state_end(s, "cannot say this upstream");
	else
		conn_deadline(s->upstream, IMAP_UPSTREAM_WAIT);
}

void imap_upstream_close(struct imap_session *s)
{
	if (!s->upstream)
		return;
	if (s->ready && !imap_client_busy(s->engine) &&
	    imap_client_command(s->engine, conn_out(s->upstream),
				span_str("LOGOUT")) == 0)
		conn_close(s->upstream);
	else
		conn_abort(s->upstream);
	forget(s);
}
