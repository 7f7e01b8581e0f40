#include "proxy/session/imap_login.h"

#include <stdlib.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/engine/imap_token.h"
#include "proxy/session/imap_upstream.h"

enum { LOGIN_MAX = 64 * 1024 };	/* octets of a command that logs in */

static void finish(struct imap_session *s)
{
	struct imap_offer offer;
	struct buf words;

	imap_server_state(s->server, IMAP_STATE_LOGGED_IN);
	imap_state_offer(s, &offer);
	buf_init(&words, LOGIN_MAX);
	imap_capabilities_put(imap_client_capabilities(s->engine), &offer, &words);
	imap_state_done(s, "OK [CAPABILITY %.*s] logged in", (int)words.len,
			buf_span(&words).at);
	buf_free(&words);
}

static bool hear_nothing(struct imap_session *s,
			 const struct imap_client_event *event)
{
	(void)s;
	(void)event;
	return true;
}

static void on_capabilities(struct imap_session *s,
			    const struct imap_client_event *event)
{
	(void)event;
	finish(s);
}

/* Upstream said OK: from now on the session is this person's. */
static void accepted(struct imap_session *s, const char *login)
{
	if (!login || s->cancelled) {
		imap_state_end(s, s->cancelled ? "upstream took a login that was cancelled"
					: "upstream accepted a login that was not named");
		return;
	}
	session_set_login(&s->base, mem_strdup(login));
	log_info(&s->base.log, "logged in", NULL);
	if (imap_client_told(s->engine))
		finish(s);
	else
		imap_upstream_say(s, span_str("CAPABILITY"), hear_nothing,
				  on_capabilities);
}

static void refused(struct imap_session *s, const struct imap_client_event *event)
{
	log_info(&s->base.log, "login refused by upstream", NULL);
	imap_state_relay_done(s, event);
}

static void on_login(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status == IMAP_OK)
		accepted(s, s->candidate);
	else
		refused(s, event);
}

/* Neither a name nor a password holds these (THREATS 31). */
static bool clean(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

static void say_login(struct imap_session *s, const char *name,
		      const char *password)
{
	struct buf command;

	buf_init(&command, LOGIN_MAX);
	(void)buf_puts(&command, "LOGIN ");
	(void)imap_token_put(&command, span_str(name));
	(void)buf_puts(&command, " ");
	(void)imap_token_put(&command, span_str(password));
	s->candidate = mem_strdup(name);
	imap_upstream_say(s, buf_span(&command), NULL, on_login);
	buf_wipe(&command);
}

void imap_login(struct imap_session *s)
{
	struct span rest = s->command.args;
	char *name = imap_token_astring(&rest);
	char *password = imap_token_astring(&rest);

	if (!name || !password || rest.len)
		imap_state_done(s, "BAD a name and a password are due");
	else if (!*name || !clean(name) || !clean(password))
		imap_state_done(s, "NO [AUTHENTICATIONFAILED] control characters "
				"in a name or password");
	else if (imap_capabilities_has(imap_client_capabilities(s->engine),
				       "LOGINDISABLED"))
		imap_state_done(s, "NO [CANNOT] upstream does not offer LOGIN");
	else
		say_login(s, name, password);
	if (password)
		secret_erase(password, strlen(password));
	free(password);
	free(name);
}

/* --- AUTHENTICATE --- */

static void on_authenticated(struct imap_session *s,
			     const struct imap_client_event *event)
{
	if (event->status == IMAP_OK)
		accepted(s, sasl_login(s->sasl));
	else if (s->cancelled)
		imap_state_done(s, "BAD authentication was not in order");
	else
		refused(s, event);
}

static bool offered(const struct imap_session *s, struct span mechanism)
{
	struct strs list = { 0 };
	bool found;

	imap_capabilities_mechanisms(imap_client_capabilities(s->engine), &list);
	found = strs_has_nocase(&list, mechanism);
	strs_free(&list);
	return found;
}

static void say_authenticate(struct imap_session *s, struct span mechanism,
			     struct span response)
{
	bool initial = imap_capabilities_has(imap_client_capabilities(s->engine),
					     "SASL-IR");
	struct buf command;

	buf_init(&command, LOGIN_MAX);
	(void)buf_puts(&command, "AUTHENTICATE ");
	(void)buf_put(&command, mechanism);
	if (response.len && initial) {
		(void)buf_puts(&command, " ");
		(void)buf_put(&command, response);
	} else if (response.len) {
		/* "=" stands for nothing, which as a line is nothing */
		s->first_response = span_dup(span_is(response, "=") ? span_str("")
								   : response);
	}
	imap_upstream_say(s, buf_span(&command), NULL, on_authenticated);
	buf_wipe(&command);
}

void imap_login_authenticate(struct imap_session *s)
{
	struct span rest = s->command.args;
	struct imap_token mechanism, response, end;
	struct err err = { ERR_NONE, "" };

	(void)imap_token_next(&rest, &mechanism);
	(void)imap_token_next(&rest, &response);
	(void)imap_token_next(&rest, &end);
	if (mechanism.kind != IMAP_TOKEN_ATOM ||
	    (response.kind != IMAP_TOKEN_ATOM && response.kind != IMAP_TOKEN_END) ||
	    end.kind != IMAP_TOKEN_END) {
		imap_state_done(s, "BAD a mechanism is due");
		return;
	}
	s->sasl = offered(s, mechanism.text) ? sasl_new(mechanism.text) : NULL;
	if (!s->sasl) {
		imap_state_done(s, "NO [CANNOT] this mechanism is not offered");
		return;
	}
	if (response.text.len &&
	    sasl_client_line(s->sasl, response.text, &err) < 0) {
		log_info(&s->base.log, "login not relayed", "reason=\"%s\"", err.text);
		imap_state_done(s, "BAD %s", err.text);
		return;
	}
	say_authenticate(s, mechanism.text, response.text);
}

static void cancel(struct imap_session *s)
{
	s->cancelled = true;
	imap_upstream_line(s, span_str("*"));
}

void imap_login_challenge(struct imap_session *s, struct span text)
{
	char *response = s->first_response;

	if (!response) {
		s->base.busy = false;
		imap_server_continue(s->server, imap_state_out(s), text);
		return;
	}
	s->first_response = NULL;
	if (text.len)
		cancel(s);	/* nothing is asked before the first response */
	else
		imap_upstream_line(s, span_str(response));
	secret_erase(response, strlen(response));
	free(response);
}

void imap_login_line(struct imap_session *s, struct span line)
{
	struct err err = { ERR_NONE, "" };

	s->base.busy = true;
	if (span_is(line, "*")) {
		cancel(s);
	} else if (sasl_client_line(s->sasl, line, &err) < 0) {
		log_info(&s->base.log, "login not relayed", "reason=\"%s\"", err.text);
		cancel(s);
	} else {
		imap_upstream_line(s, line);
	}
}
