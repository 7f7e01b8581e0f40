#include "proxy/session/smtp_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <letterlock/mem.h>

void smtp_state_answer(struct smtp_session *s, const struct reply *reply)
{
	if (!s->base.client)
		return;
	s->base.busy = false;
	smtp_server_reply(s->server, conn_out(s->base.client), reply);
}

void smtp_state_reply(struct smtp_session *s, unsigned code, const char *status,
		      const char *format, ...)
{
	struct reply reply;
	char text[sizeof(reply.text)];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	reply_set(&reply, code, status, "%s", text);
	smtp_state_answer(s, &reply);
}

void smtp_state_relay(struct smtp_session *s, const struct smtp_reply *reply)
{
	if (!s->base.client)
		return;
	s->base.busy = false;
	smtp_server_relay(s->server, conn_out(s->base.client), reply);
}

void smtp_state_end(struct smtp_session *s, const struct reply *reply)
{
	if (s->base.ending || !s->base.client)
		return;
	s->base.ending = true;
	s->base.busy = false;
	log_info(&s->base.log, "session ended", "code=%u status=%s reason=\"%s\"",
		 reply->code, reply->status, reply->text);
	smtp_server_end(s->server, conn_out(s->base.client), reply);
}

void smtp_state_give_room(struct smtp_session *s)
{
	spool_free(s->spool);
	s->spool = NULL;
	if (s->sealed_fd >= 0)
		(void)close(s->sealed_fd);
	s->sealed_fd = -1;
	spool_budget_give(s->base.share.sending, s->reserved);
	s->reserved = 0;
}

void smtp_state_reset(struct smtp_session *s)
{
	policy_forget(s->base.question);
	s->base.question = NULL;
	envelope_free(&s->envelope);
	strs_free(&s->rcpt_parameters);
	free(s->parameters);
	free(s->rcpt);
	free(s->rcpt_parameter);
	s->parameters = s->rcpt = s->rcpt_parameter = NULL;
	smtp_state_give_room(s);
	s->spool_failed.code = 0;
	answer_free(&s->sealed);
	s->sending = false;
	smtp_reply_free(&s->last_reply);
	s->transaction = false;
}

void smtp_state_login(struct smtp_session *s, char *login)
{
	free(s->sender_allowed);	/* that was for another login */
	s->sender_allowed = NULL;
	session_set_login(&s->base, login);
}

void smtp_state_ask(struct smtp_session *s, struct ask *ask, int passed,
		    uint64_t wait, policy_answered *answered)
{
	s->base.question = policy_ask(s->base.setup.policy, ask, passed, wait, answered, s);
}
