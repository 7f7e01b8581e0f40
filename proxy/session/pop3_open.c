/* The view of a message: policy keeps it, or makes it from the stored bytes. Where
 * the spool has no room for one or the other, it is waited for. */
#include <letterlock/shape.h>

#include "proxy/session/pop3_upstream.h"

static void open_stored(struct pop3_session *s);

static void fail(struct pop3_session *s, const char *why)
{
	log_warning(&s->base.log, "message not opened", "reason=\"%s\"", why);
	if (!s->surveyed)
		pop3_state_forget_maildrop(s);
	pop3_state_say(s, "-ERR [SYS/TEMP] %s", why);
}

/* --- room --- */

/* Holds nothing while it waits for `bytes`; `again` comes then. */
static void wait_for_room(struct pop3_session *s, uint64_t bytes, void (*again)(struct session *s))
{
	pop3_state_drop_view(s);
	if (!room_wait(&s->waits, &s->base, s->base.share.reading, bytes ? bytes : 1, again))
		fail(s, "the gateway has no room to open a message now: try again");
}

/* --- what policy answers --- */

static void on_view(void *owner, const struct answer *answer, int passed);

static void ask_again(struct session *base)
{
	struct pop3_session *s = pop3_state_of(base);

	pop3_state_ask(s, ASK_VIEW, s->opening, s->opening + 1, on_view);
	session_turn(base);
}

/* What nobody had opened is known from now on. What the client was told of, and policy
 * has forgotten since, is the same as before, or it is not shown. */
static bool note(struct pop3_session *s)
{
	struct pop3_message *message = &s->messages[s->opening];
	struct span rest = s->shown.entries;
	struct shape_entry entry;
	struct err err = { 0 };
	struct pop3_message told = *message;

	if (shape_entry_decode(&rest, &entry, &err) < 0) {
		log_error(&s->base.log, "policy engine's answer did not fit",
			  "reason=\"%s\"", err.text);
		return false;
	}
	message->kind = entry.kind == SHAPE_VIEW ? POP3_VIEW : POP3_CLEAR;
	if (entry.kind == SHAPE_VIEW)
		message->size = entry.shape.size;
	shape_entry_free(&entry);
	if (!s->surveyed || (message->size == told.size && message->kind == told.kind))
		return true;
	*message = told;
	log_warning(&s->base.log, "a message has another view than before", "number=%zu",
		    s->opening + 1);
	return false;
}

static void take(struct pop3_session *s, const struct answer *answer, int passed)
{
	enum view_map_result result = VIEW_MAP_BAD;

	if (answer && answer->kind == ANSWER_VIEW)
		result = pop3_state_take(s, answer, passed);
	if (result == VIEW_MAP_FULL) {
		/* policy keeps it by now */
		wait_for_room(s, answer->shapes_size + answer->view_size, ask_again);
		return;
	}
	if (result == VIEW_MAP_BAD || (s->anew && !note(s))) {
		fail(s, "a message cannot be opened now: try again");
		return;
	}
	room_found(&s->waits);
	s->opened(s);
}

static void on_opened(void *owner, const struct answer *answer, int passed)
{
	struct pop3_session *s = owner;

	s->base.question = NULL;
	take(s, answer, passed);
	session_turn(&s->base);
}

static void on_view(void *owner, const struct answer *answer, int passed)
{
	struct pop3_session *s = owner;

	s->base.question = NULL;
	if (answer && answer->kind == ANSWER_UNKNOWN)
		open_stored(s);
	else
		take(s, answer, passed);
	session_turn(&s->base);
}

/* --- its stored bytes --- */

static void stored_again(struct session *base)
{
	open_stored(pop3_state_of(base));
	session_turn(base);
}

static void no_room(struct pop3_session *s, const struct err *err)
{
	log_warning(&s->base.log, "spool refused", "reason=\"%s\"", err->text);
	spool_free(s->spool);
	s->spool = NULL;
}

static void put(struct pop3_session *s, struct span bytes)
{
	struct err err = { 0 };

	s->came += bytes.len;
	if (s->spool && spool_put(s->spool, bytes, &err) < 0)
		no_room(s, &err);
}

/* All of it has come; where it found no room its size is known now. */
static void stored(struct pop3_session *s)
{
	struct pop3_message *message = &s->messages[s->opening];
	struct err err = { 0 };

	if (s->spool && spool_finish(s->spool, &err) < 0)
		no_room(s, &err);
	if (s->spool) {
		pop3_state_ask(s, ASK_OPEN, s->opening, s->opening + 1, on_opened);
		return;
	}
	if (message->stored < s->came)
		message->stored = s->came;
	wait_for_room(s, message->stored, stored_again);
}

static void hear_stored(struct pop3_session *s, const struct pop3_client_event *event)
{
	switch (event->kind) {
	case POP3_CLIENT_REPLY:
		if (event->ok && event->lines)
			return;
		if (!s->surveyed)
			pop3_state_forget_maildrop(s);
		pop3_state_relay(s, event);
		return;
	case POP3_CLIENT_RUN:
		put(s, event->text);
		return;
	case POP3_CLIENT_END:
		stored(s);
		return;
	case POP3_CLIENT_MORE:
	case POP3_CLIENT_STLS:
	case POP3_CLIENT_READY:
	case POP3_CLIENT_CONTINUE:
	case POP3_CLIENT_FAILED:
		return;		/* not heard here */
	}
}

/* Room for all of it, or for none: two that grow would keep each other from ending. */
static void open_stored(struct pop3_session *s)
{
	uint64_t size = s->messages[s->opening].stored;
	struct err err = { 0 };

	pop3_state_drop_view(s);
	s->anew = true;
	s->came = 0;
	s->spool = spool_new(s->base.share.reading, &err);
	if (!s->spool || spool_reserve(s->spool, size, &err) < 0) {
		no_room(s, &err);
		wait_for_room(s, size, stored_again);
		return;
	}
	pop3_upstream_say(s, POP3_CLIENT_LINES, hear_stored, "RETR %zu", s->opening + 1);
}

void pop3_open(struct pop3_session *s, size_t i, void (*then)(struct pop3_session *s))
{
	s->opening = i;
	s->opened = then;
	open_stored(s);
}

void pop3_open_view(struct pop3_session *s, size_t i, void (*then)(struct pop3_session *s))
{
	pop3_state_drop_view(s);
	s->opening = i;
	s->opened = then;
	s->anew = false;
	pop3_state_ask(s, ASK_VIEW, i, i + 1, on_view);
}
