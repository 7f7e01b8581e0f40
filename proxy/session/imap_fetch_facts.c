#include <stdlib.h>
#include <string.h>

#include "proxy/engine/imap_fetched.h"
#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_fetch_work.h"
#include "proxy/session/imap_upstream.h"

static bool asks(const struct imap_fetch *f, enum imap_fetch_kind kind)
{
	for (size_t i = 0; i < f->items.n; i++)
		if (f->items.at[i].kind == kind)
			return true;
	return false;
}

bool imap_fetch_facts_needed(const struct imap_fetch *f)
{
	return f->items.seen || asks(f, IMAP_FETCH_FLAGS) ||
	       asks(f, IMAP_FETCH_INTERNALDATE) || asks(f, IMAP_FETCH_MODSEQ);
}

void imap_fetch_facts_drop(struct imap_fetch_one *one)
{
	free(one->flags);
	free(one->date);
	free(one->modseq);
	one->flags = one->date = one->modseq = NULL;
	one->told = false;
}

/* Keeps what stays within its item, whoever reads it: no string and no literal in a
 * list of atoms, nothing in a date that would end its quotes. */
static void keep(char **where, struct span value, const char *without)
{
	if (value.len > IMAP_FETCH_FACTS_MAX)
		return;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.at[i] < ' ' || strchr(without, value.at[i]))
			return;
	free(*where);
	*where = span_dup(value);
}

static struct imap_fetch_one *find(struct imap_fetch *f, uint32_t uid)
{
	for (size_t i = f->at; i < f->n; i++)
		if (f->batch[i].uid == uid)
			return &f->batch[i];
	return NULL;
}

/* Whatever tells flags of a message of ours goes into its answer: also what
 * changed because of this very FETCH. */
static void take(struct imap_fetch_one *one, struct imap_fetched fetched)
{
	struct imap_fetched_item item;

	one->told = true;
	while (imap_fetched_next(&fetched, &item) == 1) {
		if (span_is_nocase(item.name, "FLAGS") &&
		    item.kind == IMAP_FETCHED_LIST)
			keep(&one->flags, item.value, "\"{");
		if (span_is_nocase(item.name, "INTERNALDATE") &&
		    item.kind == IMAP_FETCHED_STRING)
			keep(&one->date, item.value, "\"\\");
		if (span_is_nocase(item.name, "MODSEQ") &&
		    item.kind == IMAP_FETCHED_LIST)
			keep(&one->modseq, item.value, "\"{");
	}
}

static bool hear(struct imap_session *s, const struct imap_client_event *event)
{
	const struct imap_message *message;
	struct imap_fetch_one *one;
	struct imap_fetched fetched;

	if (event->kind != IMAP_CLIENT_UNTAGGED ||
	    !imap_fetched_begin(event->text, &fetched))
		return false;
	message = imap_classify_at(s, fetched.number);
	one = message ? find(s->work, message->uid) : NULL;
	if (one)
		take(one, fetched);
	return one != NULL;
}

static void on_told(struct imap_session *s, const struct imap_client_event *event)
{
	imap_fetch_note(s->work, event);
	imap_fetch_view_go(s);
}

/* \Seen is set by what sets it, and upstream decides what that means in a
 * mailbox that is read-only: one octet of the header, not as a PEEK. */
void imap_fetch_facts_ask(struct imap_session *s)
{
	bool uid = imap_commands_uid(s->command.command);
	struct imap_fetch *f = s->work;
	struct imap_set set = { 0 };
	struct buf command;

	f->facts_asked = true;
	/* a batch is smaller than what a set may hold */
	for (size_t i = f->at; i < f->n; i++) {
		const struct imap_message *message =
			imap_classify_find(s, f->batch[i].uid);

		if (message)
			(void)imap_set_add(&set, uid ? message->uid
						     : message->number);
	}
	buf_init(&command, IMAP_CLIENT_COMMAND_MAX / 2);
	(void)buf_puts(&command, uid ? "UID FETCH " : "FETCH ");
	(void)imap_set_put(&set, &command);
	(void)buf_printf(&command, " (UID FLAGS%s%s%s)",
			 asks(f, IMAP_FETCH_INTERNALDATE) ? " INTERNALDATE" : "",
			 asks(f, IMAP_FETCH_MODSEQ) ? " MODSEQ" : "",
			 f->items.seen ? " BODY[HEADER]<0.1>" : "");
	imap_set_free(&set);
	imap_upstream_say(s, buf_span(&command), hear, on_told);
	buf_free(&command);
}
