#include "proxy/session/imap_fetch.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_fetch_work.h"
#include "proxy/session/imap_gone.h"
#include "proxy/session/imap_relay.h"
#include "proxy/session/imap_upstream.h"

static void work_free(struct imap_session *s, void *work)
{
	struct imap_fetch *f = work;

	imap_fetch_view_drop(s, f);
	imap_pass_drop(&f->pass);
	room_drop(&f->room);
	imap_fetch_items_free(&f->items);
	free(f->batch);
	free(f->refusal);
	free(f);
}

/* What stands behind the set of the client's command. */
static struct span items_of(struct imap_session *s, struct span *set)
{
	struct span args = span_skip(s->command.args, 1);

	*set = span_of(args.at, span_find(args, ' '));
	return span_skip(args, set->len);
}

/* Says the client's own items for `set`. */
static void say(struct imap_session *s, struct span set, imap_heard *heard,
		imap_answered *answered)
{
	struct span unused, items = items_of(s, &unused);
	struct buf command;

	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	(void)buf_puts(&command, s->command.command->verb);
	(void)buf_puts(&command, " ");
	(void)buf_put(&command, set);
	(void)buf_put(&command, items);
	imap_upstream_say(s, buf_span(&command), heard, answered);
	buf_free(&command);
}

/* No content was asked for: none passes. */
static bool hear_plain(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->kind != IMAP_CLIENT_UNTAGGED || !imap_pass_plain(event->text))
		return false;
	imap_relay_raw(s, event->text);
	return true;
}

static bool hear_pass(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;

	return imap_pass_hear(s, &f->pass, event);
}

void imap_fetch_relay(struct imap_session *s, const struct imap_set *set,
		      imap_answered *answered)
{
	struct buf text;

	buf_init(&text, IMAP_CLIENT_COMMAND_MAX / 2);
	if (imap_set_put(set, &text) < 0)
		imap_state_done(s, "NO [LIMIT] too many messages at a time");
	else
		say(s, buf_span(&text), hear_pass, answered);
	buf_free(&text);
}

void imap_fetch_note(struct imap_fetch *f, const struct imap_client_event *event)
{
	if (event->status == IMAP_OK || f->refusal)
		return;
	f->refusal = span_dup(event->text);
}

bool imap_fetch_withheld(const struct imap_fetch *f,
			 const struct imap_client_event *event)
{
	return f->pass.contradicted || (f->pass.gone && event->status == IMAP_OK);
}

void imap_fetch_end(struct imap_session *s)
{
	struct imap_fetch *f = s->work;
	struct imap_client_event event = { .kind = IMAP_CLIENT_TAGGED };
	char *refusal = f->refusal;

	f->refusal = NULL;
	imap_gone_note(s);
	if (f->unavailable) {
		imap_state_done(s, "NO [UNAVAILABLE] some messages cannot be "
				"opened now");
	} else if (refusal) {
		event.text = span_str(refusal);
		imap_state_relay_done(s, &event);
	} else {
		imap_state_done(s, "OK done");
	}
	free(refusal);
}

static bool needs_view(const struct imap_session *s)
{
	for (size_t i = 0; i < s->messages_n; i++)
		if (s->messages[i].view)
			return true;
	return false;
}

static void on_passed(struct imap_session *s, const struct imap_client_event *event);

/* "BODY[]<100.9>": a forged field may stand in it, or be cut in two before it. */
static bool begins_in_midst(const struct imap_fetch_items *items)
{
	for (size_t i = 0; i < items->n; i++) {
		const struct imap_fetch_item *item = &items->at[i];

		if (item->kind >= IMAP_FETCH_SECTION && !item->path_n && item->offset &&
		    item->text != IMAP_FETCH_TEXT)
			return true;
	}
	return false;
}

/* All are known: those that need no view pass, as the client asked for them. */
static void on_classified(struct imap_session *s,
			  const struct imap_client_event *event)
{
	bool uid = imap_commands_uid(s->command.command);
	struct imap_fetch *f = s->work;
	struct imap_set clear = { 0 };
	bool whole = true;

	imap_fetch_note(f, event);
	for (size_t i = 0; i < s->messages_n; i++) {
		struct imap_message *message = &s->messages[i];

		/* where nobody has seen its header, the sealer does */
		message->view |= f->pass.midst && !imap_set_has(&s->headers, message->uid);
		if (message->view)
			continue;
		whole &= imap_set_add(&clear, uid ? message->uid
						  : message->number) == 0;
		(void)imap_set_add(&s->clear_at, message->number);
	}
	if (!whole)
		imap_state_done(s, "NO [LIMIT] too many messages at a time");
	else if (clear.n)
		imap_fetch_relay(s, &clear, on_passed);
	else
		imap_fetch_view(s);
	imap_set_free(&clear);
}

/* Some contradicted what is known of their numbers: now by their UIDs. */
static void look_again(struct imap_session *s, struct imap_fetch *f)
{
	struct imap_set again = f->pass.again;
	struct buf text;

	f->pass.again = (struct imap_set){ 0 };
	f->pass.unasked = false;
	buf_init(&text, IMAP_CLIENT_COMMAND_MAX / 2);
	if (imap_set_put(&again, &text) < 0)
		imap_state_done(s, "NO [LIMIT] too many messages at a time");
	else
		imap_classify(s, buf_span(&text), span_of("", 0), on_classified);
	buf_free(&text);
	imap_set_free(&again);
}

static void on_passed(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetch *f = s->work;

	f->unavailable |= imap_fetch_withheld(f, event);
	if (f->pass.again.n) {
		imap_fetch_note(f, event);
		look_again(s, f);
		return;
	}
	if (!f->unavailable && !f->refusal && !needs_view(s)) {
		imap_state_relay_done(s, event);
		return;
	}
	imap_fetch_note(f, event);
	imap_fetch_view(s);
}

/* All of `wanted` were seen to need no view: nothing is asked first. */
static bool all_clear(const struct imap_session *s, const struct imap_set *wanted)
{
	bool uid = imap_commands_uid(s->command.command), all = true;

	for (size_t i = 0; i < wanted->n; i++)
		all &= imap_set_covers(uid ? &s->clear : &s->clear_at,
				       wanted->at[i]);
	return all;
}

static void fetch(struct imap_session *s, struct imap_fetch *f)
{
	bool uid = imap_commands_uid(s->command.command);
	struct imap_set wanted = { 0 };	/* the largest number in place of `*` */
	struct span set;

	if (imap_fetch_items_read(s->command.args, &set, &f->items) < 0 ||
	    (f->items.binary && !imap_state_binary(s)))
		imap_state_done(s, "BAD this cannot be fetched here");
	else if (imap_set_read(&wanted, set, uid ? 0 : s->exists) < 0)
		imap_state_done(s, "BAD that is no set of messages");
	else if (!f->items.content)
		say(s, set, hear_plain, imap_state_relay_done);
	else if (!(f->pass.midst = begins_in_midst(&f->items)) &&
		 (f->pass.unasked = all_clear(s, &wanted)))
		imap_fetch_relay(s, &wanted, on_passed);
	else
		imap_classify(s, set, f->items.since, on_classified);
	imap_set_free(&wanted);
}

void imap_fetch(struct imap_session *s)
{
	struct imap_fetch *f = mem_new(sizeof(*f));

	s->work = f;
	s->work_free = work_free;
	fetch(s, f);
}
