#include "proxy/session/smtp_auth.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/smtp_upstream.h"

static void finish(struct smtp_session *s, const struct smtp_reply *reply)
{
	sasl_free(s->sasl);
	s->sasl = NULL;
	s->base.busy = false;
	smtp_server_auth_done(s->server, conn_out(s->base.client), reply);
}

/* Ends the exchange with words of our own. */
static void refuse(struct smtp_session *s, unsigned code, const char *status,
		   const char *text)
{
	struct smtp_reply reply = { .code = code };
	char *line = mem_printf("%s %s", status, text);

	strs_add(&reply.lines, span_str(line));
	finish(s, &reply);
	strs_free(&reply.lines);
	free(line);
}

static void on_reply(struct smtp_session *s, const struct smtp_reply *reply)
{
	if (reply->code == 334) {
		s->base.busy = false;
		smtp_server_auth_continue(s->server, conn_out(s->base.client),
					  span_str(reply->lines.at[0]));
		return;
	}
	if (reply->code == 235 && !sasl_login(s->sasl)) {
		struct reply ours;

		reply_set(&ours, 421, "4.7.0",
			  "upstream accepted a login that was not named");
		smtp_state_end(s, &ours);
		return;
	}
	if (reply->code == 235) {
		smtp_state_login(s, mem_strdup(sasl_login(s->sasl)));
		log_info(&s->base.log, "logged in", NULL);
	} else {
		log_info(&s->base.log, "login refused by upstream", "code=%u",
			 reply->code);
	}
	finish(s, reply);
}

/* Upstream answers our "*" (501); the client hears why it was sent. */
static void on_cancelled(struct smtp_session *s, const struct smtp_reply *reply)
{
	if (reply->code == 235) {
		/* it did not cancel: nothing may be said in such a session */
		err_set(&s->upstream_gone, ERR_PEER, "took a login that was cancelled");
		session_upstream_close(&s->base);
	}
	refuse(s, 501, "5.5.2", "authentication was not in order");
}

static void cancel(struct smtp_session *s)
{
	if (smtp_client_auth_line(s->engine, conn_out(s->base.upstream),
				  span_str("*")) == 0)
		smtp_upstream_await(s, SMTP_COMMAND_WAIT, on_cancelled);
}

static bool offered(const struct smtp_session *s, struct span mechanism)
{
	struct strs list = { 0 };
	bool found;

	sasl_offer(&smtp_client_capabilities(s->engine)->auth, &list);
	found = strs_has_nocase(&list, mechanism);
	strs_free(&list);
	return found;
}

void smtp_auth(struct smtp_session *s, const struct smtp_server_event *event)
{
	struct err err = { ERR_NONE, "" };

	s->base.busy = true;
	if (!offered(s, event->text)) {
		refuse(s, 504, "5.5.4", "this mechanism is not offered");
		return;
	}
	s->sasl = sasl_new(event->text);
	if (!s->sasl) {
		refuse(s, 504, "5.5.4", "this mechanism is not offered");
		return;
	}
	if (event->has_response &&
	    sasl_client_line(s->sasl, event->line, &err) < 0) {
		log_info(&s->base.log, "login not relayed", "reason=\"%s\"", err.text);
		refuse(s, 501, "5.5.2", err.text);
		return;
	}
	if (event->has_response)
		smtp_upstream_say(s, SMTP_COMMAND_WAIT, on_reply, "AUTH %.*s %.*s",
				  (int)event->text.len, event->text.at,
				  (int)event->line.len, event->line.at);
	else
		smtp_upstream_say(s, SMTP_COMMAND_WAIT, on_reply, "AUTH %.*s",
				  (int)event->text.len, event->text.at);
}

void smtp_auth_line(struct smtp_session *s,
		    const struct smtp_server_event *event)
{
	struct err err = { ERR_NONE, "" };

	s->base.busy = true;
	if (sasl_client_line(s->sasl, event->line, &err) < 0) {
		log_info(&s->base.log, "login not relayed", "reason=\"%s\"", err.text);
		cancel(s);
		return;
	}
	if (smtp_client_auth_line(s->engine, conn_out(s->base.upstream),
				  event->line) < 0) {
		cancel(s);
		return;
	}
	smtp_upstream_await(s, SMTP_COMMAND_WAIT, on_reply);
}

void smtp_auth_cancel(struct smtp_session *s)
{
	s->base.busy = true;
	cancel(s);
}
