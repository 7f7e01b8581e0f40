#include "proxy/session/imap_upstream.h"

#include "proxy/session/imap_append.h"
#include "proxy/session/imap_login.h"
#include "proxy/session/imap_relay.h"

void imap_upstream_forget(struct session *base)
{
	struct imap_session *s = imap_state_of(base);

	s->heard = NULL;
	s->answered = NULL;
}

void imap_upstream_lost(struct session *base, const struct err *why)
{
	char text[sizeof(why->text) + 128];

	session_upstream_words(base, why, text, sizeof(text));
	imap_state_end(imap_state_of(base), text);
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

	conn_deadline(s->base.upstream, 0);
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
		session_upstream_tls(&s->base);
		return;
	case IMAP_CLIENT_READY:
		session_upstream_ready(&s->base);
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
		session_upstream_failed(&s->base, err);
		return;
	}
}

static void on_rest(void *owner)
{
	struct imap_session *s = owner;

	s->toil = 0;
	session_turn(&s->base);
}

/* Others have their turn first: what follows waits for the next one. */
static void rest(struct imap_session *s)
{
	s->rest.run = on_rest;
	s->rest.owner = s;
	loop_turn_ask(s->base.setup.loop, &s->rest);
}

bool imap_upstream_next(struct session *base)
{
	struct imap_session *s = imap_state_of(base);
	struct imap_client_event event;
	struct err err = { ERR_NONE, "" };

	if (s->toil > IMAP_TOIL_MAX) {
		rest(s);
		return false;
	}
	if (imap_client_next(s->engine, conn_in(base->upstream), conn_out(base->upstream),
			     &event, &err) == IMAP_CLIENT_MORE)
		return false;
	on_event(s, &event, &err);
	return event.kind != IMAP_CLIENT_STARTTLS;
}

int64_t imap_upstream_time(const struct session *base)
{
	const struct imap_session *s = (const struct imap_session *)base;

	if (s->sasl)
		return SESSION_TIME_STANDS;
	if (s->big == IMAP_BIG_RELAYED)
		return IMAP_UPSTREAM_WAIT;	/* the client's commands wait for its end */
	return imap_client_busy(s->engine) && !s->idling ? IMAP_UPSTREAM_WAIT : 0;
}

void imap_upstream_drained(struct session *base)
{
	struct imap_session *s = imap_state_of(base);

	if (s->sending)
		imap_append_send(s);
}

void imap_upstream_secured(struct session *base)
{
	imap_client_secured(imap_state_of(base)->engine, conn_out(base->upstream));
}

void imap_upstream_dial(struct session *base)
{
	bool starttls = base->setup.listener->upstream->tls == UPSTREAM_STARTTLS;

	imap_state_of(base)->engine = imap_client_new(starttls);
	session_dial(base);
}

bool imap_upstream_bye(struct session *base)
{
	struct imap_client *engine = imap_state_of(base)->engine;

	return !imap_client_busy(engine) &&
	       imap_client_command(engine, conn_out(base->upstream), span_str("LOGOUT")) == 0;
}

void imap_upstream_say(struct imap_session *s, struct span command,
		       imap_heard *heard, imap_answered *answered)
{
	if (s->base.ending || !s->base.upstream)
		return;
	if (imap_client_command(s->engine, conn_out(s->base.upstream), command) < 0) {
		imap_state_end(s, "cannot say this upstream");
		return;
	}
	s->heard = heard;
	s->answered = answered;
	conn_deadline(s->base.upstream, IMAP_UPSTREAM_WAIT);
}

void imap_upstream_say_body(struct imap_session *s, struct span command, uint64_t size,
			    imap_answered *answered)
{
	if (s->base.ending || !s->base.upstream)
		return;
	if (imap_client_command_body(s->engine, conn_out(s->base.upstream), command, size) < 0) {
		imap_state_end(s, "cannot say this upstream");
		return;
	}
	s->heard = NULL;
	s->answered = answered;
	conn_deadline(s->base.upstream, IMAP_UPSTREAM_WAIT);
}

void imap_upstream_line(struct imap_session *s, struct span line)
{
	if (s->base.ending || !s->base.upstream)
		return;
	if (imap_client_line(s->engine, conn_out(s->base.upstream), line) < 0)
		imap_state_end(s, "cannot say this upstream");
	else
		conn_deadline(s->base.upstream, IMAP_UPSTREAM_WAIT);
}
