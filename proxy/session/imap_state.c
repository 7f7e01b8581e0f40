#include "proxy/session/imap_state.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/session/imap_gone.h"
#include "proxy/session/imap_known.h"

enum { WORDS_MAX = 1024 };

struct buf *imap_state_out(struct imap_session *s)
{
	return conn_out(s->base.client);
}

bool imap_state_full(struct imap_session *s)
{
	return conn_full(s->base.client);
}

static void drop_append(struct imap_session *s)
{
	spool_free(s->spool);
	s->spool = NULL;
	s->spool_failed.kind = ERR_NONE;
	s->nul = false;
	s->stored = (struct answer_copy){ 0 };
	if (s->sealed_fd >= 0)
		(void)close(s->sealed_fd);
	s->sealed_fd = -1;
	spool_budget_give(s->base.share.sending, s->reserved);
	s->reserved = 0;
	s->sending = false;
}

void imap_state_drop_work(struct imap_session *s)
{
	policy_forget(s->base.question);
	s->base.question = NULL;
	s->base.more = NULL;
	if (s->work)
		s->work_free(s, s->work);
	s->work = NULL;
	drop_append(s);
	imap_known_drop(s);
	free(s->messages);
	s->messages = NULL;
	s->messages_n = s->messages_room = 0;
	sasl_free(s->sasl);
	s->sasl = NULL;
	free(s->candidate);
	if (s->first_response)
		secret_erase(s->first_response, strlen(s->first_response));
	free(s->first_response);
	free(s->asked_mailbox);
	s->candidate = s->first_response = s->asked_mailbox = NULL;
	s->cancelled = s->idling = false;
}

void imap_state_unselect(struct imap_session *s)
{
	imap_gone_tell(s);
	free(s->opened_at);
	s->opened_at = NULL;
	s->opened_at_n = 0;
	imap_set_free(&s->closing);
	imap_set_free(&s->clear);
	imap_set_free(&s->headers);
	imap_set_free(&s->clear_at);
	imap_set_free(&s->opened);
	free(s->mailbox);
	s->mailbox = NULL;
	s->uidvalidity = s->exists = 0;
	s->read_only = s->copied = false;
	s->selections++;
	if (s->base.login)
		imap_server_state(s->server, IMAP_STATE_LOGGED_IN);
}

static void done(struct imap_session *s, struct span status)
{
	s->base.busy = false;
	s->base.moved = true;
	if (s->base.client && !s->base.ending)
		imap_server_done(s->server, conn_out(s->base.client), status);
	imap_state_drop_work(s);
	imap_gone_tell(s);
}

void imap_state_done(struct imap_session *s, const char *format, ...)
{
	char text[WORDS_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	done(s, span_str(text));
}

void imap_state_offer(const struct imap_session *s, struct imap_offer *offer)
{
	offer->logged_in = s->base.login != NULL;
	offer->starttls = imap_server_starttls(s->server);
	offer->plaintext = imap_server_plaintext(s->server);
}

bool imap_state_binary(const struct imap_session *s)
{
	return imap_capabilities_has(imap_client_capabilities(s->engine), "BINARY");
}

void imap_state_relay_done(struct imap_session *s,
			   const struct imap_client_event *event)
{
	struct imap_offer offer;
	struct buf status;

	imap_state_offer(s, &offer);
	buf_init(&status, IMAP_CLIENT_HELD_MAX + WORDS_MAX * 16);
	imap_capabilities_put_status(imap_client_capabilities(s->engine), &offer,
				     event->text, &status);
	done(s, buf_span(&status));
	buf_free(&status);
}

void imap_state_end(struct imap_session *s, const char *text)
{
	bool midst = s->midst || s->base.more || s->big == IMAP_BIG_RELAYED;

	if (s->base.ending || !s->base.client)
		return;
	s->base.ending = true;
	s->base.busy = false;
	imap_state_drop_work(s);
	log_info(&s->base.log, "session ended", "reason=\"%s\"", text);
	if (midst || s->said_bye || s->base.handshaking)
		s->base.over = true;	/* no words in the midst of a message */
	else
		imap_server_end(s->server, conn_out(s->base.client), text);
}

void imap_state_ask(struct imap_session *s, struct ask *ask, int passed,
		    policy_answered *answered)
{
	s->base.question = policy_ask(s->base.setup.policy, ask, passed, IMAP_POLICY_WAIT,
				 answered, s);
}
