#include <stdarg.h>
#include <stdio.h>

#include <letterlock/secret.h>

#include "proxy/net/dial.h"
#include "proxy/session/pop3_state.h"

enum { COMMAND_MAX = 16 * 1024 };

/* The leg is gone; its conn has freed itself or is closing. */
static void forget(struct pop3_session *s)
{
	s->upstream = NULL;
	s->ready = false;
	s->heard = NULL;
}

static void failed(struct pop3_session *s, const struct err *why)
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
	(void)snprintf(text, sizeof(text), "-ERR [SYS/%s] upstream %s: %s",
		       why->kind == ERR_TLS ? "PERM" : "TEMP",
		       s->setup.listener->upstream->name, why->text);
	pop3_state_end(s, text);
}

static void on_event(struct pop3_session *s, const struct pop3_client_event *event,
		     const struct err *err)
{
	pop3_heard *heard = s->heard;

	switch (event->kind) {
	case POP3_CLIENT_MORE:
		return;
	case POP3_CLIENT_STLS:
		conn_start_tls(s->upstream, upstream_creds(s->setup.upstream));
		return;
	case POP3_CLIENT_READY:
		s->ready = true;
		conn_deadline(s->upstream, 0);
		pop3_session_greet(s);
		return;
	case POP3_CLIENT_REPLY:
	case POP3_CLIENT_RUN:
	case POP3_CLIENT_END:
		if (heard)
			heard(s, event);
		return;
	case POP3_CLIENT_CONTINUE:
		pop3_login_challenge(s, event->text);
		return;
	case POP3_CLIENT_FAILED:
		conn_abort(s->upstream);
		failed(s, err);
		return;
	}
}

/* Upstream is not read while the client does not take what was read. */
static bool stalled(struct pop3_session *s)
{
	return s->more || (s->client && conn_full(s->client));
}

void pop3_upstream_pull(struct pop3_session *s)
{
	struct pop3_client_event event;
	struct err err = { ERR_NONE, "" };

	while (s->upstream && !s->over && !s->ending && !stalled(s)) {
		if (pop3_client_next(s->engine, conn_in(s->upstream), conn_out(s->upstream),
				     &event, &err) == POP3_CLIENT_MORE)
			return;
		on_event(s, &event, &err);
		if (event.kind == POP3_CLIENT_STLS)
			return;
	}
}

static void set_deadline(struct pop3_session *s)
{
	if (!s->upstream || !s->ready)
		return;
	if (stalled(s)) {
		conn_deadline(s->upstream, 0);
		conn_deadline(s->client, POP3_UPSTREAM_WAIT);
	} else {
		conn_deadline(s->upstream, pop3_client_waiting(s->engine) ? POP3_UPSTREAM_WAIT : 0);
	}
}

static void on_bytes(void *owner)
{
	struct pop3_session *s = owner;

	pop3_session_pump(s);
	if (s->client && !s->over)
		set_deadline(s);
	pop3_session_settle(s);
}

/* Connected, or STLS has verified: only now is anything said. */
static void on_ready(void *owner)
{
	struct pop3_session *s = owner;
	const struct upstream_settings *settings = upstream_settings(s->setup.upstream);

	conn_deadline(s->upstream, POP3_GREETING_WAIT);
	if (settings->tls == UPSTREAM_STARTTLS && conn_secure(s->upstream))
		pop3_client_secured(s->engine, conn_out(s->upstream));
	pop3_session_pump(s);
	pop3_session_settle(s);
}

static void on_closed(void *owner, const struct err *why)
{
	struct pop3_session *s = owner;
	struct err err = *why;

	if (err.kind == ERR_NONE)
		err_set(&err, ERR_PEER, "closed the connection");
	else if (err.kind == ERR_TIMEOUT)
		err_set(&err, ERR_TIMEOUT, "did not answer in time");
	failed(s, &err);
	pop3_session_pump(s);
	pop3_session_settle(s);
}

static const struct conn_events events = {
	.bytes = on_bytes,
	.drained = on_bytes,
	.ready = on_ready,
	.closed = on_closed,
};

void pop3_upstream_dial(struct pop3_session *s)
{
	const struct upstream_settings *settings = upstream_settings(s->setup.upstream);

	s->engine = pop3_client_new(settings->tls == UPSTREAM_STARTTLS);
	s->upstream = dial(s->setup.loop, s->setup.upstream, &events, s);
}

void pop3_upstream_say(struct pop3_session *s, enum pop3_client_kind kind, pop3_heard *heard,
		       const char *format, ...)
{
	va_list args;
	char text[COMMAND_MAX];
	int n;

	if (s->ending || !s->upstream)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	s->heard = heard;
	if (n < 0 || (size_t)n >= sizeof(text) ||
	    pop3_client_command(s->engine, conn_out(s->upstream), kind,
				span_of(text, (size_t)n)) < 0)
		pop3_state_end(s, "-ERR [SYS/TEMP] this cannot be said upstream");
	else
		conn_deadline(s->upstream, POP3_UPSTREAM_WAIT);
	secret_erase(text, sizeof(text));	/* it may be a password */
}

/* Without QUIT nothing is deleted (RFC 1939 6). */
void pop3_upstream_close(struct pop3_session *s)
{
	if (s->upstream)
		conn_abort(s->upstream);
	forget(s);
}
