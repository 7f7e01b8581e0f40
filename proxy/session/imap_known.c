#include "proxy/session/imap_known.h"

#include <stdlib.h>
#include <unistd.h>

#include <letterlock/mem.h>
#include <letterlock/shape.h>

#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_view.h"

struct imap_known {
	uint32_t uids[ASK_NAMES_MAX];	/* asked about */
	size_t n;
	uint32_t last;			/* those up to it were asked about */
	struct imap_set unknown;	/* to policy, too */
	struct imap_client_event event;
	char *words;			/* of the event */
	imap_answered *then;
};

static void ask(struct imap_session *s);

static void note(struct imap_session *s, uint32_t uid, enum shape_kind kind)
{
	struct imap_message *message = imap_classify_find(s, uid);

	switch (kind) {
	case SHAPE_UNKNOWN:
		(void)imap_set_add(&s->known->unknown, uid);
		return;
	case SHAPE_CLEAR:
		imap_classify_cleared(s, uid);
		break;
	case SHAPE_VIEW:
		(void)imap_set_add(&s->opened, uid);
		break;
	}
	if (!message)
		return;		/* it has gone since */
	message->known = true;
	message->view = kind == SHAPE_VIEW;
}

/* Whether policy has answered, and in order. */
static bool take(struct imap_session *s, const struct answer *answer, int passed)
{
	struct view_map map = { 0 };
	struct shape_entry entry;
	struct err err = { 0 };
	struct span rest;
	size_t i = 0;

	if (!answer || answer->kind != ANSWER_SHAPES) {
		if (passed >= 0)
			(void)close(passed);
		return false;
	}
	if (view_map_take(&map, s->base.setup.budget, &s->base.log, answer, passed) !=
	    VIEW_MAP_TAKEN)
		return false;
	rest = map.entries;
	while (i < s->known->n && shape_entry_decode(&rest, &entry, &err) == 0) {
		note(s, s->known->uids[i++], entry.kind);
		shape_entry_free(&entry);
	}
	view_map_drop(&map, s->base.setup.budget);
	return i == s->known->n;
}

static void go_on(struct imap_session *s)
{
	struct imap_known *known = s->known;

	known->n = 0;
	known->then(s, &known->event);
}

static void on_shapes(void *owner, const struct answer *answer, int passed)
{
	struct imap_session *s = owner;

	s->base.question = NULL;
	if (take(s, answer, passed))
		ask(s);
	else
		go_on(s);
	session_turn(&s->base);
}

static void ask(struct imap_session *s)
{
	struct imap_known *known = s->known;
	const struct imap_message *message;

	known->n = 0;
	while (known->n < ASK_NAMES_MAX && (message = imap_classify_next(s, known->last))) {
		known->last = message->uid;
		if (!message->known)
			known->uids[known->n++] = message->uid;
	}
	if (known->n)
		imap_view_ask(s, ASK_SHAPES, known->uids, known->n, NULL, on_shapes);
	else
		go_on(s);
}

void imap_known_ask(struct imap_session *s, const struct imap_client_event *event,
		    imap_answered *then)
{
	imap_known_drop(s);
	s->known = mem_new(sizeof(*s->known));
	s->known->then = then;
	s->known->words = span_dup(event->text);
	s->known->event = *event;
	s->known->event.text = span_of(s->known->words, event->text.len);
	ask(s);
}

void imap_known_tell(struct imap_session *s)
{
	struct imap_set clear = { 0 };

	if (!s->known)
		return;
	for (size_t i = 0; i < s->messages_n; i++)
		if (s->messages[i].known && !s->messages[i].view &&
		    imap_set_has(&s->known->unknown, s->messages[i].uid))
			(void)imap_set_add(&clear, s->messages[i].uid);
	imap_view_tell(s, ASK_CLEAR, &clear);
	imap_set_free(&clear);
	/* what passes later may do so for other reasons */
	imap_known_drop(s);
}

void imap_known_drop(struct imap_session *s)
{
	if (!s->known)
		return;
	imap_set_free(&s->known->unknown);
	free(s->known->words);
	free(s->known);
	s->known = NULL;
}
