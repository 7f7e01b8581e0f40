#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/engine/mail_kind.h"
#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_fetch_work.h"

enum step {
	WAIT,	/* something was asked, which comes back; or all is done */
	GO,
};

/* The message at hand is done, in this way or that. */
static enum step next(struct imap_session *s, struct imap_fetch *f)
{
	shape_entry_free(&f->entry);
	f->entry = (struct shape_entry){ .kind = SHAPE_UNKNOWN };
	f->known = f->kept = false;
	f->wants = 0;
	room_found(&f->room);
	view_map_drop(&f->view, s->base.share.reading);
	imap_stored_drop(&f->stored);
	if (f->at < f->n)
		imap_fetch_facts_drop(&f->batch[f->at++]);
	return GO;
}

void imap_fetch_view_drop(struct imap_session *s, struct imap_fetch *f)
{
	imap_fetch_put_drop(f);
	do
		(void)next(s, f);
	while (f->at < f->n);
	f->n = f->at = 0;
	f->facts_asked = false;
	view_map_drop(&f->shapes, s->base.share.listing);
	imap_set_free(&f->late);
	imap_stored_drop(&f->ahead);
}

/* Whatever its shape was: there is no view. */
static void unknown(struct imap_fetch *f)
{
	shape_entry_free(&f->entry);
	f->entry = (struct shape_entry){ .kind = SHAPE_UNKNOWN };
	f->known = true;
}

static enum step unavailable(struct imap_session *s, struct imap_fetch *f)
{
	f->unavailable = true;
	return next(s, f);
}

/* Reads an entry in place of the one at hand. */
static int take_entry(struct imap_session *s, struct imap_fetch *f,
		      struct span *entries)
{
	struct err err = { ERR_NONE, "" };

	unknown(f);
	if (shape_entry_decode(entries, &f->entry, &err) == 0)
		return 0;
	log_error(&s->base.log, "policy engine talked nonsense", "reason=\"%s\"",
		  err.text);
	return -1;
}

/* --- what policy answers --- */

/* Which of the batch nobody has opened yet. */
static void look_over(struct imap_fetch *f)
{
	struct span entries = f->shapes.entries;
	struct shape_entry entry;
	struct err err;

	for (size_t i = 0; i < f->n; i++) {
		if (shape_entry_decode(&entries, &entry, &err) < 0)
			return;		/* told when its turn comes */
		f->batch[i].kind = entry.kind;
		shape_entry_free(&entry);
	}
}

static void on_shapes(void *owner, const struct answer *answer, int passed)
{
	struct imap_session *s = owner;
	struct imap_fetch *f = s->work;

	s->base.question = NULL;
	if (answer && answer->kind == ANSWER_SHAPES) {
		/* without room for all shapes each message is asked about alone */
		f->silent = view_map_take(&f->shapes, s->base.share.listing, &s->base.log, answer,
					  passed) == VIEW_MAP_BAD;
		look_over(f);
	} else {
		f->silent = true;
		if (passed >= 0)
			(void)close(passed);
	}
	imap_fetch_view_go(s);
	session_turn(&s->base);
}

/* The view itself, or that it needs none. */
static void take_view(struct imap_session *s, struct imap_fetch *f,
		      const struct answer *answer, int passed)
{
	struct span entries;

	switch (view_map_take(&f->view, s->base.share.reading, &s->base.log, answer, passed)) {
	case VIEW_MAP_TAKEN:
		break;
	case VIEW_MAP_FULL:
		f->kept = true;
		f->wants = answer->shapes_size + answer->view_size;
		return;
	case VIEW_MAP_BAD:
		(void)unavailable(s, f);
		return;
	}
	entries = f->view.entries;
	if (take_entry(s, f, &entries) < 0 || f->entry.kind == SHAPE_UNKNOWN) {
		(void)unavailable(s, f);
	} else if (f->entry.kind == SHAPE_VIEW &&
		   f->entry.shape.size != f->view.bytes.len) {
		log_error(&s->base.log, "a view is not of its size", NULL);
		(void)unavailable(s, f);
	}
}

static void on_view(void *owner, const struct answer *answer, int passed)
{
	struct imap_session *s = owner;
	struct imap_fetch *f = s->work;
	bool opened = f->stored.spool != NULL;

	s->base.question = NULL;
	imap_stored_drop(&f->stored);
	f->kept = false;
	if (answer && answer->kind == ANSWER_VIEW) {
		take_view(s, f, answer, passed);
	} else {
		f->silent |= !answer;
		if (passed >= 0)
			(void)close(passed);
		if (answer && answer->kind == ANSWER_UNKNOWN && !opened)
			unknown(f);
		else
			(void)unavailable(s, f);
	}
	imap_fetch_view_go(s);
	session_turn(&s->base);
}

/* --- its stored bytes --- */

static bool hear_stored(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;

	return imap_stored_hear(s, &f->ahead, event);
}

static void on_stored(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;
	bool waiting = f->waiting;

	imap_fetch_note(f, event);
	imap_stored_done(s, &f->ahead);
	f->fetching = f->waiting = false;
	if (waiting)
		imap_fetch_view_go(s);
}

static void fetch(struct imap_session *s, struct imap_fetch *f,
		  const struct imap_message *message, bool early)
{
	f->fetching = true;
	f->early = early;
	imap_stored_ask(s, &f->ahead, message, hear_stored, on_stored);
}

/* While policy is at one, the next one that it will be asked about. */
static void fetch_ahead(struct imap_session *s, struct imap_fetch *f)
{
	const struct imap_message *message;

	for (size_t i = f->at + 1; f->shapes.at && i < f->n; i++) {
		message = imap_classify_find(s, f->batch[i].uid);
		if (!message || f->batch[i].kind != SHAPE_UNKNOWN)
			continue;
		fetch(s, f, message, true);
		return;
	}
}

/* Gets the stored bytes of the message at hand, and has them opened. */
static enum step open_stored(struct imap_session *s, struct imap_fetch *f,
			     const struct imap_message *message)
{
	/* what had no room beside another one may have it now */
	bool again = f->early && f->ahead.result == IMAP_STORED_FULL;
	uint32_t uid = message->uid;

	f->waiting = f->fetching;
	if (f->waiting)
		return WAIT;
	if (f->ahead.uid != uid || again) {
		f->waiting = true;
		fetch(s, f, message, false);
		return WAIT;
	}
	f->stored = f->ahead;
	f->ahead = (struct imap_stored){ 0 };
	if (f->stored.result == IMAP_STORED_FULL) {
		f->wants = f->stored.size ? f->stored.size : 1;
		imap_stored_drop(&f->stored);
		return GO;
	}
	if (f->stored.result != IMAP_STORED_WHOLE) {
		/* upstream may have said why */
		f->unavailable |= !f->refusal;
		return next(s, f);
	}
	imap_view_ask(s, ASK_OPEN, &uid, 1, f->stored.spool, on_view);
	fetch_ahead(s, f);
	return WAIT;
}

/* --- the batch --- */

/* Some item is more than the header of the message. */
static bool wants_text(const struct imap_fetch *f)
{
	for (size_t i = 0; i < f->items.n; i++) {
		const struct imap_fetch_item *item = &f->items.at[i];

		if (item->kind >= IMAP_FETCH_SECTION &&
		    (item->path_n || item->text == IMAP_FETCH_ALL ||
		     item->text == IMAP_FETCH_TEXT))
			return true;
	}
	return false;
}

/* The next messages that need a view; what was asked for of one alone is asked
 * for at once, without its shape first. */
static enum step begin(struct imap_session *s, struct imap_fetch *f)
{
	size_t most = f->items.seen ? 1 : ASK_NAMES_MAX;
	uint32_t uids[ASK_NAMES_MAX];
	const struct imap_message *message;

	imap_fetch_view_drop(s, f);
	if (!f->batch)
		f->batch = mem_new(ASK_NAMES_MAX * sizeof(*f->batch));
	while (f->n < most && (message = imap_classify_next(s, f->last))) {
		f->last = message->uid;
		if (!message->view)
			continue;
		uids[f->n] = message->uid;
		f->batch[f->n++] = (struct imap_fetch_one){ .uid = message->uid };
	}
	if (!f->n) {
		imap_fetch_end(s);
		return WAIT;
	}
	if (f->silent || (f->n == 1 && wants_text(f)))
		return GO;
	imap_view_ask(s, ASK_SHAPES, uids, f->n, NULL, on_shapes);
	return WAIT;
}

static void on_late(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;

	imap_fetch_note(f, event);
	f->unavailable |= imap_fetch_withheld(f, event);
	imap_fetch_view_go(s);
}

/* All of it was answered but what the sealer says is clear: that passes now. */
static enum step finish(struct imap_session *s, struct imap_fetch *f)
{
	bool uid = imap_commands_uid(s->command.command);
	struct imap_set set = { 0 };
	const struct imap_message *message;

	f->waiting = f->fetching;
	if (f->waiting)
		return WAIT;
	/* a batch is smaller than what a set may hold */
	for (size_t i = 0; i < f->n; i++) {
		message = imap_classify_find(s, f->batch[i].uid);
		if (message && imap_set_has(&f->late, message->uid))
			(void)imap_set_add(&set, uid ? message->uid
						     : message->number);
	}
	imap_fetch_view_drop(s, f);
	if (!set.n)
		return begin(s, f);
	f->pass.judged = true;
	imap_fetch_relay(s, &set, on_late);
	imap_set_free(&set);
	return WAIT;
}

/* It needs no view, says who has seen all of it. */
static enum step clear(struct imap_session *s, struct imap_fetch *f,
		       struct imap_message *message)
{
	message->view = false;
	imap_classify_cleared(s, message->uid);
	(void)imap_set_add(&s->headers, message->uid);
	(void)imap_set_add(&f->late, message->uid);
	return next(s, f);
}

static enum step ask(struct imap_session *s, struct imap_fetch *f,
		     const struct imap_message *message)
{
	uint32_t uid = message->uid;

	if (f->silent)
		return unavailable(s, f);
	if (f->known && f->entry.kind == SHAPE_UNKNOWN && !f->kept)
		return open_stored(s, f, message);
	imap_view_ask(s, ASK_VIEW, &uid, 1, NULL, on_view);
	return WAIT;
}

/* Its answer is left out, and the end says why (RFC 3516 4.3). */
static enum step unknown_encoding(struct imap_session *s, struct imap_fetch *f)
{
	if (!f->refusal)
		f->refusal = mem_strdup("NO [UNKNOWN-CTE] a part has an encoding that is "
					"not known");
	return next(s, f);
}

/* Asks upstream for what is no content; false: it was asked before. */
static bool ask_facts(struct imap_session *s, struct imap_fetch *f)
{
	if (f->facts_asked || !imap_fetch_facts_needed(f))
		return false;
	imap_fetch_facts_ask(s);
	return true;
}

static void on_room(struct session *base)
{
	struct imap_session *s = imap_state_of(base);
	struct imap_fetch *f = s->work;

	f->wants = 0;
	imap_fetch_view_go(s);
	session_turn(base);
}

/* --- what no spool can hold --- */

static bool hear_front(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;

	return imap_stored_hear(s, &f->stored, event);
}

/* It passes as it is stored, but for a verdict in our name that nobody gave. */
static void on_front(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;
	struct imap_message *message = imap_classify_find(s, f->stored.uid);
	const char *name = s->base.setup.settings->gateway.hostname;
	struct span front = buf_span(&f->stored.front);
	const char *end = memmem(front.at, front.len, "\r\n\r\n", 4);

	imap_fetch_note(f, event);
	if (!message || !end || imap_stored_done(s, &f->stored) != IMAP_STORED_WHOLE ||
	    mail_kind_bears_verdict(span_of(front.at, (size_t)(end - front.at) + 2), name))
		(void)unavailable(s, f);
	else
		(void)clear(s, f, message);
	imap_fetch_view_go(s);
}

static enum step look_at_front(struct imap_session *s, struct imap_fetch *f,
			       const struct imap_message *message)
{
	log_warning(&s->base.log, "message not opened",
		    "reason=\"larger than spool-memory\" uid=%" PRIu32 " octets=%" PRIu64,
		    message->uid, f->wants);
	imap_stored_ask_front(s, &f->stored, message, hear_front, on_front);
	return WAIT;
}

/* What is fetched ahead has to end first: nothing is held while waiting. */
static enum step wait_for_room(struct imap_session *s, struct imap_fetch *f,
			       const struct imap_message *message)
{
	f->waiting = f->fetching;
	if (f->waiting)
		return WAIT;
	if (!f->kept && f->wants > spool_budget_whole(s->base.share.reading))
		return look_at_front(s, f, message);
	if (!room_wait(&f->room, &s->base, s->base.share.reading, f->wants, on_room))
		return unavailable(s, f);
	imap_stored_drop(&f->ahead);
	return WAIT;
}

/* Goes as far with the message at hand as what is known of it leads. */
static enum step consider(struct imap_session *s, struct imap_fetch *f)
{
	const struct imap_fetch_one *one = &f->batch[f->at];
	struct imap_message *message = imap_classify_find(s, one->uid);

	if (f->answering)
		return imap_fetch_put(s, message) ? next(s, f) : WAIT;
	if (!f->known && f->shapes.at &&
	    take_entry(s, f, &f->shapes.entries) < 0) {
		f->silent = true;	/* nor can those behind it be read */
		view_map_drop(&f->shapes, s->base.share.listing);
		return unavailable(s, f);
	}
	if (!message)
		return next(s, f);
	if (f->wants)
		return wait_for_room(s, f, message);
	if (f->known && f->entry.kind == SHAPE_CLEAR)
		return clear(s, f, message);
	/* before upstream is busy with what is fetched ahead */
	if (!f->items.seen && ask_facts(s, f))
		return WAIT;
	if (!f->known || f->entry.kind == SHAPE_UNKNOWN ||
	    (!f->view.at && imap_answer_needs_view(&f->items, &f->entry.shape)))
		return ask(s, f, message);
	if (!imap_binary_known(&f->items, &f->entry.shape))
		return unknown_encoding(s, f);
	if (ask_facts(s, f))
		return WAIT;
	if (imap_fetch_facts_needed(f) && !one->told)
		return f->refusal ? next(s, f) : unavailable(s, f);
	return imap_fetch_put(s, message) ? next(s, f) : WAIT;
}

void imap_fetch_view_go(struct imap_session *s)
{
	enum step step;

	do {
		struct imap_fetch *f = s->work;

		step = f->at < f->n ? consider(s, f) : finish(s, f);
	} while (step == GO);
}

void imap_fetch_view(struct imap_session *s)
{
	imap_fetch_view_go(s);
}
