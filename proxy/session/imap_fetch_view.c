#include <stdlib.h>
#include <unistd.h>

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
	f->known = false;
	imap_view_drop(s, &f->view);
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
	imap_view_drop(s, &f->shapes);
	imap_set_free(&f->late);
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

	shape_entry_free(&f->entry);
	f->entry = (struct shape_entry){ .kind = SHAPE_UNKNOWN };
	f->known = true;
	if (shape_entry_decode(entries, &f->entry, &err) == 0)
		return 0;
	log_error(&s->log, "policy engine talked nonsense", "reason=\"%s\"",
		  err.text);
	return -1;
}

/* --- what policy answers --- */

static void on_shapes(void *owner, const struct answer *answer, int passed)
{
	struct imap_session *s = owner;
	struct imap_fetch *f = s->work;

	s->question = NULL;
	if (answer && answer->kind == ANSWER_SHAPES) {
		f->silent = imap_view_take(s, &f->shapes, answer, passed) < 0;
	} else {
		f->silent = true;
		if (passed >= 0)
			(void)close(passed);
	}
	imap_fetch_view_go(s);
	imap_session_pump(s);
	imap_session_settle(s);
}

/* The view itself, or that it needs none. */
static enum step take_view(struct imap_session *s, struct imap_fetch *f,
			   const struct answer *answer, int passed)
{
	struct span entries;

	if (imap_view_take(s, &f->view, answer, passed) < 0)
		return unavailable(s, f);
	entries = f->view.entries;
	if (take_entry(s, f, &entries) < 0 || f->entry.kind == SHAPE_UNKNOWN)
		return unavailable(s, f);
	if (f->entry.kind == SHAPE_VIEW && f->entry.shape.size != f->view.bytes.len) {
		log_error(&s->log, "a view is not of its size", NULL);
		return unavailable(s, f);
	}
	return GO;
}

static void fetch_stored(struct imap_session *s, struct imap_fetch *f);

static void on_view(void *owner, const struct answer *answer, int passed)
{
	struct imap_session *s = owner;
	struct imap_fetch *f = s->work;
	bool opened = f->stored.spool != NULL;
	enum step step = GO;

	s->question = NULL;
	imap_stored_drop(&f->stored);
	if (answer && answer->kind == ANSWER_VIEW) {
		step = take_view(s, f, answer, passed);
	} else {
		f->silent |= !answer;
		if (passed >= 0)
			(void)close(passed);
		if (!answer || answer->kind != ANSWER_UNKNOWN || opened)
			step = unavailable(s, f);
		else
			fetch_stored(s, f), step = WAIT;
	}
	if (step == GO)
		imap_fetch_view_go(s);
	imap_session_pump(s);
	imap_session_settle(s);
}

/* --- its stored bytes --- */

static bool hear_stored(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;

	return imap_stored_hear(s, &f->stored, event);
}

static void on_stored(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;
	uint32_t uid = f->stored.uid;

	switch (imap_stored_done(s, &f->stored)) {
	case IMAP_STORED_WHOLE:
		imap_view_ask(s, ASK_OPEN, &uid, 1, f->stored.spool, on_view);
		return;
	case IMAP_STORED_GONE:
		imap_fetch_note(f, event);
		f->unavailable |= event->status == IMAP_OK &&
				  imap_classify_find(s, uid);
		break;
	case IMAP_STORED_FULL:
	case IMAP_STORED_MORE:
		f->unavailable = true;
		break;
	}
	(void)next(s, f);
	imap_fetch_view_go(s);
}

static void fetch_stored(struct imap_session *s, struct imap_fetch *f)
{
	const struct imap_message *message =
		imap_classify_find(s, f->batch[f->at].uid);

	imap_stored_ask(s, &f->stored, message, hear_stored, on_stored);
}

/* --- the batch --- */

/* Some item is more than the header of the message. */
static bool wants_text(const struct imap_fetch *f)
{
	for (size_t i = 0; i < f->items.n; i++) {
		const struct imap_fetch_item *item = &f->items.at[i];

		if (item->kind == IMAP_FETCH_SECTION &&
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
	f->unavailable |= f->pass.contradicted;
	imap_fetch_view_go(s);
}

/* All of it was answered but what the sealer says is clear: that passes now. */
static enum step finish(struct imap_session *s, struct imap_fetch *f)
{
	bool uid = imap_commands_uid(s->command.command);
	struct imap_set set = { 0 };
	const struct imap_message *message;

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
	(void)imap_set_add(&f->late, message->uid);
	return next(s, f);
}

static enum step ask(struct imap_session *s, struct imap_fetch *f, uint32_t uid)
{
	if (f->silent)
		return unavailable(s, f);
	if (f->known && f->entry.kind == SHAPE_UNKNOWN)
		fetch_stored(s, f);
	else
		imap_view_ask(s, ASK_VIEW, &uid, 1, NULL, on_view);
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
		imap_view_drop(s, &f->shapes);
		return unavailable(s, f);
	}
	if (!message)
		return next(s, f);
	if (f->known && f->entry.kind == SHAPE_CLEAR)
		return clear(s, f, message);
	if (!f->known || f->entry.kind == SHAPE_UNKNOWN ||
	    (!f->view.at && imap_answer_needs_view(&f->items, &f->entry.shape)))
		return ask(s, f, one->uid);
	if (imap_fetch_facts_needed(f) && !one->told) {
		if (f->facts_asked && f->refusal)
			return next(s, f);
		if (f->facts_asked)
			return unavailable(s, f);
		imap_fetch_facts_ask(s);
		return WAIT;
	}
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
