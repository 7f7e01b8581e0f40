#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/session/pop3_upstream.h"

/* Upstream said +OK: from now on the session is this person's. */
static void accepted(struct pop3_session *s, const char *login)
{
	if (!login || s->cancelled) {
		pop3_state_end(s, s->cancelled
				  ? "-ERR upstream took a login that was cancelled"
				  : "-ERR upstream accepted a login that was not named");
		return;
	}
	session_set_login(&s->base, mem_strdup(login));
	log_info(&s->base.log, "logged in", NULL);
	pop3_server_logged_in(s->server);
	pop3_state_say(s, "+OK logged in");
}

static void refused(struct pop3_session *s, const struct pop3_client_event *event)
{
	log_info(&s->base.log, "login refused by upstream", NULL);
	pop3_state_relay(s, event);
}

static void on_password(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (event->ok)
		accepted(s, s->candidate);
	else
		refused(s, event);
}

static void on_user(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (!event->ok) {
		refused(s, event);
		return;
	}
	pop3_upstream_say(s, POP3_CLIENT_SINGLE, on_password, "PASS %.*s",
			  (int)s->command.password.len, s->command.password.at);
}

void pop3_login_password(struct pop3_session *s)
{
	s->candidate = span_dup(s->command.name);
	pop3_upstream_say(s, POP3_CLIENT_SINGLE, on_user, "USER %s", s->candidate);
}

/* --- AUTH --- */

static void on_authenticated(struct pop3_session *s, const struct pop3_client_event *event)
{
	if (event->ok)
		accepted(s, sasl_login(s->sasl));
	else if (s->cancelled)
		pop3_state_say(s, "-ERR authentication was not in order");
	else
		refused(s, event);
}

static bool offered(const struct pop3_session *s, struct span mechanism)
{
	struct strs list = { 0 };
	bool found;

	sasl_offer(&pop3_client_capabilities(s->engine)->sasl, &list);
	found = strs_has_nocase(&list, mechanism);
	strs_free(&list);
	return found;
}

void pop3_login_sasl(struct pop3_session *s)
{
	struct span mechanism = s->command.mechanism, response = s->command.response;
	struct err err = { ERR_NONE, "" };

	s->sasl = offered(s, mechanism) ? sasl_new(mechanism) : NULL;
	if (!s->sasl) {
		pop3_state_say(s, "-ERR this mechanism is not offered");
		return;
	}
	if (response.len && sasl_client_line(s->sasl, response, &err) < 0) {
		log_info(&s->base.log, "login not relayed", "reason=\"%s\"", err.text);
		pop3_state_say(s, "-ERR %s", err.text);
		return;
	}
	/* "=" stands for nothing, which as a line is nothing; a long one is a
	 * line of its own, too: upstream's commands are short (RFC 5034 4) */
	if (response.len)
		s->first_response = span_dup(span_is(response, "=") ? span_str("") : response);
	pop3_upstream_say(s, POP3_CLIENT_SASL, on_authenticated, "AUTH %.*s", (int)mechanism.len,
			  mechanism.at);
}

static void line(struct pop3_session *s, struct span text)
{
	if (s->base.ending || !s->base.upstream)
		return;
	if (pop3_client_line(s->engine, conn_out(s->base.upstream), text) < 0)
		pop3_state_end(s, "-ERR [SYS/TEMP] this cannot be said upstream");
	else
		conn_deadline(s->base.upstream, POP3_UPSTREAM_WAIT);
}

static void cancel(struct pop3_session *s)
{
	s->cancelled = true;
	line(s, span_str("*"));
}

void pop3_login_challenge(struct pop3_session *s, struct span text)
{
	char *response = s->first_response;

	if (!s->sasl) {
		pop3_state_end(s, "-ERR [SYS/TEMP] upstream asks what nobody answers");
		return;
	}
	if (!response) {
		s->base.busy = false;
		pop3_server_continue(s->server, conn_out(s->base.client), text);
		return;
	}
	s->first_response = NULL;
	if (span_trim(text).len)
		cancel(s);	/* nothing is asked before the first response */
	else
		line(s, span_str(response));
	secret_erase(response, strlen(response));
	free(response);
}

void pop3_login_line(struct pop3_session *s, struct span text)
{
	struct err err = { ERR_NONE, "" };

	s->base.busy = true;
	if (span_is(text, "*")) {
		cancel(s);
	} else if (sasl_client_line(s->sasl, text, &err) < 0) {
		log_info(&s->base.log, "login not relayed", "reason=\"%s\"", err.text);
		cancel(s);
	} else {
		line(s, text);
	}
}
