#include "proxy/session/imap_classify.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_fetched.h"
#include "proxy/engine/mail_kind.h"

enum { MESSAGES_MAX = 1000 * 1000 };

static bool by_uid(const struct imap_session *s)
{
	return imap_commands_uid(s->command.command);
}

/* Messages come by number, and so by UID (RFC 9051 2.3.1.1); where upstream
 * tells them in another order they are put where they belong. */
static struct imap_message *place_for(struct imap_session *s, uint32_t uid,
				      bool *there)
{
	size_t low = 0, high = s->messages_n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->messages[middle].uid < uid)
			low = middle + 1;
		else
			high = middle;
	}
	*there = low < s->messages_n && s->messages[low].uid == uid;
	return s->messages ? s->messages + low : NULL;
}

struct imap_message *imap_classify_find(struct imap_session *s, uint32_t uid)
{
	bool there;
	struct imap_message *at = place_for(s, uid, &there);

	return there ? at : NULL;
}

/* -1: there are too many. */
static int add(struct imap_session *s, uint32_t number, uint32_t uid)
{
	bool there;
	struct imap_message *at = place_for(s, uid, &there);
	size_t where = at ? (size_t)(at - s->messages) : 0;

	if (there)
		return 0;
	if (s->messages_n == MESSAGES_MAX)
		return -1;
	if (s->messages_n == s->messages_room) {
		s->messages_room = s->messages_room ? 2 * s->messages_room : 64;
		s->messages = mem_grow(s->messages, s->messages_room,
				       sizeof(*s->messages));
	}
	memmove(s->messages + where + 1, s->messages + where,
		(s->messages_n - where) * sizeof(*s->messages));
	s->messages[where] = (struct imap_message){
		.number = number, .uid = uid,
		/* until it is seen to pass */
		.view = !imap_set_has(&s->clear, uid),
		.known = imap_set_has(&s->clear, uid) ||
			 imap_set_has(&s->opened, uid),
	};
	s->messages_n++;
	return 0;
}

void imap_classify_expunged(struct imap_session *s, uint32_t number)
{
	size_t left = 0;

	for (size_t i = 0; i < s->messages_n; i++) {
		struct imap_message message = s->messages[i];

		if (message.number == number)
			continue;
		message.number -= message.number > number;
		s->messages[left++] = message;
	}
	s->messages_n = left;
}

/* An EXPUNGE passes to the client as usual, and is minded here. */
static bool mind_expunge(struct imap_session *s,
			 const struct imap_client_event *event)
{
	size_t blank = span_find(event->text, ' ');
	unsigned long long number;

	if (event->kind == IMAP_CLIENT_UNTAGGED &&
	    span_is_nocase(span_skip(event->text, blank + 1), "EXPUNGE") &&
	    span_number(span_of(event->text.at, blank), &number) &&
	    number <= UINT32_MAX)
		imap_classify_expunged(s, (uint32_t)number);
	return false;
}

/* --- which messages there are --- */

static bool hear_uid(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_fetched fetched;
	struct imap_fetched_item item;
	uint32_t uid = 0;
	bool others = false;

	if (event->kind != IMAP_CLIENT_UNTAGGED ||
	    !imap_fetched_begin(event->text, &fetched))
		return mind_expunge(s, event);
	while (imap_fetched_next(&fetched, &item) == 1) {
		if (span_is_nocase(item.name, "UID"))
			uid = imap_fetched_number(&item);
		else
			others = true;
	}
	if (uid && add(s, fetched.number, uid) < 0)
		imap_state_end(s, "upstream names too many messages");
	/* what tells flags besides came by itself: the client hears it */
	return !others;
}

/* --- what they are --- */

static void judge(struct imap_session *s, uint32_t uid, struct span fields,
		  struct span text)
{
	struct imap_message *message = imap_classify_find(s, uid);

	if (!message)
		return;
	message->known = true;
	message->view = mail_kind_needs_view(fields, text,
					     s->setup.settings->gateway.hostname);
	/* what does not fit in is looked at again next time */
	(void)imap_set_add(message->view ? &s->opened : &s->clear, uid);
}

static bool hear_kind(struct imap_session *s, const struct imap_client_event *event)
{
	struct span fields = { NULL, 0 }, text = { NULL, 0 };
	struct imap_fetched fetched;
	struct imap_fetched_item item;
	uint32_t uid = 0;

	if (event->kind != IMAP_CLIENT_UNTAGGED)
		return event->kind != IMAP_CLIENT_BIG ||
		       imap_fetched_begin(event->text, &fetched);
	if (!imap_fetched_begin(event->text, &fetched))
		return mind_expunge(s, event);
	while (imap_fetched_next(&fetched, &item) == 1) {
		if (span_is_nocase(item.name, "UID"))
			uid = imap_fetched_number(&item);
		else if (span_starts_nocase(item.name, "BODY[HEADER.FIELDS"))
			fields = item.kind == IMAP_FETCHED_STRING ? item.value : fields;
		else if (span_starts_nocase(item.name, "BODY[TEXT]"))
			text = item.kind == IMAP_FETCHED_NIL ? span_str("")
			       : item.kind == IMAP_FETCHED_STRING ? item.value : text;
	}
	if (!fields.at && !text.at)
		return false;	/* flags that came by themselves */
	/* what is not told whole stays as it was: it needs a view */
	if (uid && fields.at && text.at)
		judge(s, uid, fields, text);
	return true;
}

static void on_kinds(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status != IMAP_OK)
		imap_state_relay_done(s, event);
	else
		s->classified(s);
}

static void ask_kinds(struct imap_session *s)
{
	struct imap_set unknown = { 0 };
	struct buf command;
	bool whole = true;

	for (size_t i = 0; i < s->messages_n; i++)
		if (!s->messages[i].known)
			whole &= imap_set_add(&unknown, by_uid(s) ? s->messages[i].uid
						: s->messages[i].number) == 0;
	if (!unknown.n) {
		s->classified(s);
		return;
	}
	buf_init(&command, IMAP_CLIENT_COMMAND_MAX - 64);
	(void)buf_puts(&command, by_uid(s) ? "UID FETCH " : "FETCH ");
	whole &= imap_set_put(&unknown, &command) == 0;
	whole &= buf_printf(&command, " (UID BODY.PEEK[HEADER.FIELDS (%s)] "
			    "BODY.PEEK[TEXT]<0.%d>)", MAIL_KIND_FIELDS,
			    MAIL_KIND_TEXT) == 0;
	imap_set_free(&unknown);
	if (whole)
		imap_upstream_say(s, buf_span(&command), hear_kind, on_kinds);
	else
		imap_state_done(s, "NO [LIMIT] too many messages at a time");
	buf_free(&command);
}

static void on_uids(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status != IMAP_OK)
		imap_state_relay_done(s, event);
	else
		ask_kinds(s);
}

void imap_classify(struct imap_session *s, struct span set, imap_classified *done)
{
	struct buf command;

	s->classified = done;
	s->messages_n = 0;
	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	(void)buf_puts(&command, by_uid(s) ? "UID FETCH " : "FETCH ");
	(void)buf_put(&command, set);
	(void)buf_puts(&command, " (UID)");
	imap_upstream_say(s, buf_span(&command), hear_uid, on_uids);
	buf_free(&command);
}
