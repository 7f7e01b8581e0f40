#include "proxy/session/imap_fetch.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_fetch_items.h"
#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_relay.h"

/* Answers to a FETCH pass as they are; all else as usual. */
static bool heard(struct imap_session *s, const struct imap_client_event *event)
{
	size_t blank = span_find(event->text, ' ');

	if ((event->kind == IMAP_CLIENT_UNTAGGED ||
	     event->kind == IMAP_CLIENT_BIG) &&
	    !span_starts_nocase(span_skip(event->text, blank + 1), "FETCH "))
		return false;
	return imap_relay_raw(s, event);
}

/* Says the client's own items for `set`, and relays what comes. */
static void relay(struct imap_session *s, struct span set, struct span items,
		  imap_answered *answered)
{
	struct buf command;

	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	(void)buf_puts(&command, s->command.command->verb);
	(void)buf_puts(&command, " ");
	(void)buf_put(&command, set);
	(void)buf_put(&command, items);
	imap_upstream_say(s, buf_span(&command), heard, answered);
	buf_free(&command);
}

/* What stands behind the set of the client's command. */
static struct span items_of(struct imap_session *s, struct span *set)
{
	struct span args = span_skip(s->command.args, 1);

	*set = span_of(args.at, span_find(args, ' '));
	return span_skip(args, set->len);
}

static void not_all(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status != IMAP_OK)
		imap_state_relay_done(s, event);
	else
		imap_state_done(s, "NO [UNAVAILABLE] protected messages cannot be "
				"opened now");
}

/* All are known: those that need no view pass, as the client asked for them. */
static void on_classified(struct imap_session *s)
{
	bool uid = imap_commands_uid(s->command.command);
	struct imap_set clear = { 0 };
	struct span set, items = items_of(s, &set);
	struct buf text;
	size_t views = 0;

	for (size_t i = 0; i < s->messages_n; i++) {
		const struct imap_message *message = &s->messages[i];

		views += message->view;
		if (!message->view)
			(void)imap_set_add(&clear, uid ? message->uid
						       : message->number);
	}
	buf_init(&text, IMAP_CLIENT_COMMAND_MAX);
	if (imap_set_put(&clear, &text) < 0)
		imap_state_done(s, "NO [LIMIT] too many messages at a time");
	else if (clear.n)
		relay(s, buf_span(&text), items, views ? not_all
						       : imap_state_relay_done);
	else if (views)
		imap_state_done(s, "NO [UNAVAILABLE] protected messages cannot be "
				"opened now");
	else
		imap_state_done(s, "OK there are none");
	buf_free(&text);
	imap_set_free(&clear);
}

static bool is_set(struct span text)
{
	struct imap_set set;
	bool good = imap_set_read(&set, text, 0) == 0;

	imap_set_free(&set);
	return good;
}

void imap_fetch(struct imap_session *s)
{
	struct imap_fetch_items *items = mem_new(sizeof(*items));
	struct span set, rest = items_of(s, &set);

	if (imap_fetch_items_read(s->command.args, &set, items) < 0)
		imap_state_done(s, "BAD this cannot be fetched here");
	else if (!is_set(set))
		imap_state_done(s, "BAD that is no set of messages");
	else if (!items->content)
		relay(s, set, rest, imap_state_relay_done);
	else
		imap_classify(s, set, on_classified);
	free(items);
}
