/* A message's stored bytes to policy, which makes its view. */
#include <letterlock/shape.h>

#include "proxy/session/pop3_upstream.h"

static void fail(struct pop3_session *s, const char *why)
{
	log_warning(&s->base.log, "message not opened", "reason=\"%s\"", why);
	if (!s->surveyed)
		pop3_state_forget_maildrop(s);
	pop3_state_say(s, "-ERR [SYS/TEMP] %s", why);
}

static void on_opened(void *owner, const struct answer *answer, int passed)
{
	struct pop3_session *s = owner;
	struct pop3_message *message = &s->messages[s->opening];
	struct shape_entry entry;
	struct err err = { 0 };
	struct span rest;

	s->base.question = NULL;
	if (!answer || answer->kind != ANSWER_VIEW || pop3_state_take(s, answer, passed) < 0) {
		fail(s, "a message cannot be opened now: try again");
		goto out;
	}
	rest = s->shown.entries;
	if (shape_entry_decode(&rest, &entry, &err) < 0) {
		log_error(&s->base.log, "policy engine's answer did not fit",
			  "reason=\"%s\"", err.text);
		fail(s, "a message cannot be opened now: try again");
		goto out;
	}
	message->kind = entry.kind == SHAPE_VIEW ? POP3_VIEW : POP3_CLEAR;
	if (entry.kind == SHAPE_VIEW)
		message->size = entry.shape.size;
	shape_entry_free(&entry);
	s->opened(s);
out:
	session_turn(&s->base);
}

static void hear_stored(struct pop3_session *s, const struct pop3_client_event *event)
{
	struct err err = { 0 };

	if (event->kind == POP3_CLIENT_REPLY) {
		if (event->ok && event->lines)
			return;
		if (!s->surveyed)
			pop3_state_forget_maildrop(s);
		pop3_state_relay(s, event);
		return;
	}
	if (event->kind == POP3_CLIENT_RUN) {
		if (s->spool && spool_put(s->spool, event->text, &err) < 0) {
			log_warning(&s->base.log, "spool refused", "reason=\"%s\"", err.text);
			spool_free(s->spool);
			s->spool = NULL;
		}
		return;
	}
	if (!s->spool || spool_finish(s->spool, &err) < 0)
		fail(s, "the gateway has no room to open a message now: try again");
	else
		pop3_state_ask(s, ASK_OPEN, s->opening, s->opening + 1, on_opened);
}

void pop3_open(struct pop3_session *s, size_t i, void (*then)(struct pop3_session *s))
{
	struct err err = { 0 };

	pop3_state_drop_view(s);
	s->opening = i;
	s->opened = then;
	s->spool = spool_new(s->base.reading, &err);
	if (!s->spool) {
		fail(s, "the gateway has no room to open a message now: try again");
		return;
	}
	pop3_upstream_say(s, POP3_CLIENT_LINES, hear_stored, "RETR %zu", i + 1);
}
