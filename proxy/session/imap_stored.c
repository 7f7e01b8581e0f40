#include "proxy/session/imap_stored.h"

#include <stdio.h>

#include "proxy/engine/imap_fetched.h"
#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_upstream.h"

static void full(struct imap_session *s, struct imap_stored *stored,
		 const struct err *err)
{
	log_warning(&s->base.log, "spool refused", "reason=\"%s\"", err->text);
	spool_free(stored->spool);
	stored->spool = NULL;
	stored->result = IMAP_STORED_FULL;
}

static void put(struct imap_session *s, struct imap_stored *stored,
		struct span bytes)
{
	struct err err = { ERR_NONE, "" };

	stored->left -= bytes.len < stored->left ? bytes.len : stored->left;
	/* more than was asked for is no front */
	if (stored->only_front && buf_put(&stored->front, bytes) < 0)
		stored->result = IMAP_STORED_FULL;
	if (stored->spool && spool_put(stored->spool, bytes, &err) < 0)
		full(s, stored, &err);
}

static void say(struct imap_session *s, const struct imap_message *message, const char *part,
		imap_heard *heard, imap_answered *answered)
{
	bool uid = imap_commands_uid(s->command.command);
	struct buf command;

	buf_init(&command, 128);
	(void)buf_printf(&command, "%sFETCH %u (UID BODY.PEEK[]%s)", uid ? "UID " : "",
			 uid ? message->uid : message->number, part);
	imap_upstream_say(s, buf_span(&command), heard, answered);
	buf_free(&command);
}

void imap_stored_ask(struct imap_session *s, struct imap_stored *stored,
		     const struct imap_message *message, imap_heard *heard,
		     imap_answered *answered)
{
	struct err err = { ERR_NONE, "" };

	imap_stored_drop(stored);
	stored->uid = message->uid;
	stored->spool = spool_new(s->base.share.reading, &err);
	if (!stored->spool)
		full(s, stored, &err);
	say(s, message, "", heard, answered);
}

void imap_stored_ask_front(struct imap_session *s, struct imap_stored *stored,
			   const struct imap_message *message, imap_heard *heard,
			   imap_answered *answered)
{
	char part[32];

	imap_stored_drop(stored);
	stored->uid = message->uid;
	stored->only_front = true;
	buf_init(&stored->front, IMAP_STORED_FRONT);
	(void)snprintf(part, sizeof(part), "<0.%d>", IMAP_STORED_FRONT);
	say(s, message, part, heard, answered);
}

/* The UID that an answer tells in front of all that is large; 0: none. */
static uint32_t uid_of(struct imap_fetched fetched)
{
	struct imap_fetched_item item;
	uint32_t uid = 0;

	while (!uid && imap_fetched_next(&fetched, &item) == 1)
		if (span_is_nocase(item.name, "UID"))
			uid = imap_fetched_number(&item);
	return uid;
}

/* Room for all of it, or for none: two that grow would keep each other from ending. */
static void reserve(struct imap_session *s, struct imap_stored *stored, uint64_t size)
{
	struct err err = { ERR_NONE, "" };

	stored->size = size;
	if (stored->spool && spool_reserve(stored->spool, size, &err) < 0)
		full(s, stored, &err);
}

/* An answer about our message begins: is its content in it, or behind it? */
static bool hear_begin(struct imap_session *s, struct imap_stored *stored,
		       const struct imap_client_event *event)
{
	const struct imap_message *message = imap_classify_find(s, stored->uid);
	struct imap_fetched fetched;
	struct imap_fetched_item item;
	uint32_t uid;

	if (!imap_fetched_begin(event->text, &fetched) || !message ||
	    fetched.number != message->number)
		return false;
	uid = uid_of(fetched);
	while (imap_fetched_next(&fetched, &item) == 1) {
		/* NIL: it has gone, says a server that still knows its UID */
		if (!span_is_nocase(item.name, stored->only_front ? "BODY[]<0>" : "BODY[]") ||
		    item.kind == IMAP_FETCHED_NIL)
			continue;
		if (stored->begun || (uid && uid != stored->uid))
			return true;	/* once is enough, and of that one */
		stored->begun = true;
		stored->taking = item.kind == IMAP_FETCHED_COMING;
		stored->left = stored->taking ? event->size : 0;
		reserve(s, stored, stored->taking ? event->size : item.value.len);
		if (item.kind == IMAP_FETCHED_STRING)
			put(s, stored, item.value);
		return true;
	}
	/* else flags, perhaps, which pass */
	return event->kind == IMAP_CLIENT_BIG;
}

bool imap_stored_hear(struct imap_session *s, struct imap_stored *stored,
		      const struct imap_client_event *event)
{
	if (event->kind == IMAP_CLIENT_UNTAGGED || event->kind == IMAP_CLIENT_BIG)
		return hear_begin(s, stored, event);
	if (event->kind == IMAP_CLIENT_RUN && stored->taking && event->literal &&
	    stored->left)
		put(s, stored, event->text);
	if (!stored->left)
		stored->taking = false;
	return true;
}

enum imap_stored_result imap_stored_done(struct imap_session *s,
					 struct imap_stored *stored)
{
	struct err err = { ERR_NONE, "" };

	if (stored->result != IMAP_STORED_MORE)
		return stored->result;
	if (!stored->begun || stored->left) {
		spool_free(stored->spool);
		stored->spool = NULL;
		stored->result = IMAP_STORED_GONE;
	} else if (!stored->only_front && spool_finish(stored->spool, &err) < 0) {
		full(s, stored, &err);
	} else {
		stored->result = IMAP_STORED_WHOLE;
	}
	return stored->result;
}

void imap_stored_drop(struct imap_stored *stored)
{
	spool_free(stored->spool);
	buf_free(&stored->front);
	*stored = (struct imap_stored){ 0 };
}
