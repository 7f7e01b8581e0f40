#include "proxy/session/pop3_upstream.h"

#include <stdarg.h>
#include <stdio.h>

#include <letterlock/secret.h>

enum { COMMAND_MAX = 16 * 1024 };

void pop3_upstream_forget(struct session *base)
{
	pop3_state_of(base)->heard = NULL;
}

void pop3_upstream_lost(struct session *base, const struct err *why)
{
	char words[sizeof(why->text) + 128], text[sizeof(words) + 32];

	session_upstream_words(base, why, words, sizeof(words));
	(void)snprintf(text, sizeof(text), "-ERR [SYS/%s] %s",
		       why->kind == ERR_TLS ? "PERM" : "TEMP", words);
	pop3_state_end(pop3_state_of(base), text);
}

static void on_event(struct pop3_session *s, const struct pop3_client_event *event,
		     const struct err *err)
{
	pop3_heard *heard = s->heard;

	switch (event->kind) {
	case POP3_CLIENT_MORE:
		return;
	case POP3_CLIENT_STLS:
		session_upstream_tls(&s->base);
		return;
	case POP3_CLIENT_READY:
		session_upstream_ready(&s->base);
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
		session_upstream_failed(&s->base, err);
		return;
	}
}

bool pop3_upstream_next(struct session *base)
{
	struct pop3_session *s = pop3_state_of(base);
	struct pop3_client_event event;
	struct err err = { ERR_NONE, "" };

	if (pop3_client_next(s->engine, conn_in(base->upstream), conn_out(base->upstream),
			     &event, &err) == POP3_CLIENT_MORE)
		return false;
	on_event(s, &event, &err);
	return event.kind != POP3_CLIENT_STLS;
}

int64_t pop3_upstream_time(const struct session *base)
{
	const struct pop3_session *s = (const struct pop3_session *)base;

	return pop3_client_waiting(s->engine) ? POP3_UPSTREAM_WAIT : 0;
}

void pop3_upstream_secured(struct session *base)
{
	pop3_client_secured(pop3_state_of(base)->engine, conn_out(base->upstream));
}

void pop3_upstream_dial(struct session *base)
{
	bool stls = base->setup.listener->upstream->tls == UPSTREAM_STARTTLS;

	pop3_state_of(base)->engine = pop3_client_new(stls);
	session_dial(base);
}

/* Without QUIT nothing is deleted (RFC 1939 6). */
bool pop3_upstream_bye(struct session *base)
{
	(void)base;
	return false;
}

void pop3_upstream_say(struct pop3_session *s, enum pop3_client_kind kind, pop3_heard *heard,
		       const char *format, ...)
{
	va_list args;
	char text[COMMAND_MAX];
	int n;

	if (s->base.ending || !s->base.upstream)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	s->heard = heard;
	if (n < 0 || (size_t)n >= sizeof(text) ||
	    pop3_client_command(s->engine, conn_out(s->base.upstream), kind,
				span_of(text, (size_t)n)) < 0)
		pop3_state_end(s, "-ERR [SYS/TEMP] this cannot be said upstream");
	else
		conn_deadline(s->base.upstream, POP3_UPSTREAM_WAIT);
	secret_erase(text, sizeof(text));	/* it may be a password */
}
