#include "proxy/session/imap_classify.h"

#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_fetched.h"
#include "proxy/engine/mail_kind.h"
#include "proxy/session/imap_known.h"
#include "proxy/session/imap_upstream.h"

enum { MESSAGES_MAX = 1000 * 1000 };

static bool by_uid(const struct imap_session *s)
{
	return imap_commands_uid(s->command.command);
}

/* Messages come by number, and so by UID (RFC 9051 2.3.1.1); where upstream
 * tells them in another order they are put where they belong. */
static struct imap_message *place_for(const struct imap_session *s, uint32_t uid,
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

struct imap_message *imap_classify_find(const struct imap_session *s, uint32_t uid)
{
	bool there;
	struct imap_message *at = place_for(s, uid, &there);

	return there ? at : NULL;
}

struct imap_message *imap_classify_next(const struct imap_session *s, uint32_t uid)
{
	bool there;
	struct imap_message *at = place_for(s, uid, &there);

	if (!at)
		return NULL;
	at += there;
	return at < s->messages + s->messages_n ? at : NULL;
}

struct imap_message *imap_classify_at(const struct imap_session *s, uint32_t number)
{
	size_t low = 0, high = s->messages_n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->messages[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->messages_n && s->messages[low].number == number
	       ? &s->messages[low] : NULL;
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
	s->toil += s->messages_n - where;
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

	s->toil += s->messages_n + s->clear_at.n;
	for (size_t i = 0; i < s->messages_n; i++) {
		struct imap_message message = s->messages[i];

		if (message.number == number)
			continue;
		message.number -= message.number > number;
		s->messages[left++] = message;
	}
	s->messages_n = left;
	imap_set_expunge(&s->clear_at, number);
}

void imap_classify_vanished(struct imap_session *s, const struct imap_set *uids)
{
	struct imap_set_walk walk = { 0 };
	size_t left = 0;

	s->toil += s->messages_n;
	for (size_t i = 0; i < s->messages_n; i++) {
		struct imap_message message = s->messages[i];

		if (imap_set_has(uids, message.uid))
			continue;
		message.number -= (uint32_t)imap_set_below(uids, &walk, message.uid);
		s->messages[left++] = message;
	}
	s->messages_n = left;
	imap_set_free(&s->clear_at);	/* which those were is not known */
}

int imap_classify_protect(struct imap_session *s, uint32_t number, uint32_t uid)
{
	struct imap_message *message;

	if (add(s, number, uid) < 0)
		return -1;
	message = imap_classify_find(s, uid);
	message->view = message->known = true;
	imap_set_remove(&s->clear, uid);
	imap_set_remove(&s->clear_at, number);
	(void)imap_set_add(&s->opened, uid);
	return 0;
}

void imap_classify_cleared(struct imap_session *s, uint32_t uid)
{
	imap_set_remove(&s->opened, uid);
	/* what does not fit in is asked about again next time */
	(void)imap_set_add(&s->clear, uid);
}

/* --- what upstream tells --- */

static void judge(struct imap_session *s, uint32_t uid, struct span fields,
		  struct span text)
{
	struct imap_message *message = imap_classify_find(s, uid);

	if (!message || message->known)
		return;
	message->known = true;
	message->view = mail_kind_needs_view(fields, text,
					     s->base.setup.settings->gateway.hostname);
	/* what does not fit in is looked at again next time */
	(void)imap_set_add(message->view ? &s->opened : &s->clear, uid);
}

/* A UID, and perhaps what its message is. What is not told whole stays as it
 * was: it needs a view. */
static bool hear(struct imap_session *s, const struct imap_client_event *event)
{
	struct span fields = { NULL, 0 }, text = { NULL, 0 };
	struct imap_fetched fetched;
	struct imap_fetched_item item;
	uint32_t uid = 0;
	bool flags = false;

	if (event->kind != IMAP_CLIENT_UNTAGGED)
		return event->kind != IMAP_CLIENT_BIG ||
		       imap_fetched_begin(event->text, &fetched);
	if (!imap_fetched_begin(event->text, &fetched))
		return false;
	while (imap_fetched_next(&fetched, &item) == 1) {
		if (span_is_nocase(item.name, "UID"))
			uid = imap_fetched_number(&item);
		else if (span_starts_nocase(item.name, "BODY[HEADER.FIELDS"))
			fields = item.kind == IMAP_FETCHED_STRING ? item.value : fields;
		else if (span_starts_nocase(item.name, "BODY[TEXT]"))
			text = item.kind == IMAP_FETCHED_NIL ? span_str("")
			       : item.kind == IMAP_FETCHED_STRING ? item.value : text;
		else if (!span_is_nocase(item.name, "MODSEQ"))
			flags = true;	/* came by itself: the client hears it */
	}
	if (!uid || (flags && !fields.at && !text.at))
		return false;
	if (add(s, fetched.number, uid) < 0)
		imap_state_end(s, "upstream names too many messages");
	else if (fields.at && text.at)
		judge(s, uid, fields, text);
	return true;
}

static void on_kinds(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status == IMAP_BAD) {
		imap_state_relay_done(s, event);
		return;
	}
	imap_known_tell(s);
	s->classified(s, event);
}

static int put_kinds(struct buf *command)
{
	return buf_printf(command, " (UID BODY.PEEK[HEADER.FIELDS (%s)] "
			  "BODY.PEEK[TEXT]<0.%d>)", MAIL_KIND_FIELDS,
			  MAIL_KIND_TEXT);
}

static void ask_kinds(struct imap_session *s, const struct imap_client_event *event)
{
	struct imap_set unknown = { 0 };
	struct buf command;
	bool whole = true;

	for (size_t i = 0; i < s->messages_n; i++)
		if (!s->messages[i].known)
			whole &= imap_set_add(&unknown, by_uid(s) ? s->messages[i].uid
						: s->messages[i].number) == 0;
	if (!unknown.n) {
		s->classified(s, event);
		return;
	}
	buf_init(&command, IMAP_CLIENT_COMMAND_MAX - 64);
	(void)buf_puts(&command, by_uid(s) ? "UID FETCH " : "FETCH ");
	whole &= imap_set_put(&unknown, &command) == 0;
	whole &= put_kinds(&command) == 0;
	imap_set_free(&unknown);
	if (whole)
		imap_upstream_say(s, buf_span(&command), hear, on_kinds);
	else
		imap_state_done(s, "NO [LIMIT] too many messages at a time");
	buf_free(&command);
}

static size_t count_unknown(const struct imap_session *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->messages_n; i++)
		n += !s->messages[i].known;
	return n;
}

static void on_uids(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->status == IMAP_BAD)
		imap_state_relay_done(s, event);
	else if (s->uidvalidity && count_unknown(s) >= IMAP_KNOWN_LEAST)
		imap_known_ask(s, event, ask_kinds);
	else
		ask_kinds(s, event);
}

/* Whether some message of `set` (of the client's command) may be known here, or
 * so many are asked for that policy may know some. */
static bool knows_some(struct imap_session *s, struct span set)
{
	struct imap_set wanted;
	bool some;

	if (imap_set_read(&wanted, set, by_uid(s) ? 0 : s->exists) < 0)
		return true;
	some = s->uidvalidity && s->exists >= IMAP_KNOWN_LEAST &&
	       imap_set_count(&wanted) >= IMAP_KNOWN_LEAST;
	some |= !by_uid(s) && (s->clear.n || s->opened.n);
	for (size_t i = 0; i < wanted.n && !some; i++)
		some = imap_set_meets(&s->clear, wanted.at[i]) ||
		       imap_set_meets(&s->opened, wanted.at[i]);
	imap_set_free(&wanted);
	return some;
}

void imap_classify(struct imap_session *s, struct span set, struct span since,
		   imap_answered *done)
{
	bool known = knows_some(s, set);
	struct buf command;
	int ret = 0;

	s->classified = done;
	s->messages_n = 0;
	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	(void)buf_puts(&command, by_uid(s) ? "UID FETCH " : "FETCH ");
	(void)buf_put(&command, set);
	if (known)
		(void)buf_puts(&command, " (UID)");
	else
		ret = put_kinds(&command);
	if (ret < 0 || buf_put(&command, since) < 0)
		imap_state_done(s, "NO [LIMIT] too many messages at a time");
	else
		imap_upstream_say(s, buf_span(&command), hear, known ? on_uids
								      : on_kinds);
	buf_free(&command);
}
