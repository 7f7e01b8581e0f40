#include "proxy/session/imap_relay.h"

#include <stdio.h>
#include <stdlib.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_select.h"
#include "proxy/engine/imap_token.h"
#include "proxy/session/imap_classify.h"
#include "proxy/session/imap_gone.h"
#include "proxy/session/imap_upstream.h"
#include "proxy/session/imap_view.h"

/* Untagged responses that pass as they are, by their first word. */
static const char *const passing[] = {
	"ACL", "ESEARCH", "FLAGS", "ID", "LIST", "LISTRIGHTS", "LSUB",
	"METADATA", "MYRIGHTS", "NAMESPACE", "QUOTA", "QUOTAROOT", "SEARCH",
	"SORT", "STATUS", "THREAD", "XLIST",
};

static bool listed(struct span word, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (span_is_nocase(word, list[i]))
			return true;
	return false;
}

static bool passes(struct span text)
{
	struct span word = span_of(text.at, span_find(text, ' '));

	return listed(word, passing, sizeof(passing) / sizeof(*passing));
}

/* ESEARCH names the command that it answers (RFC 9051 7.3.4): the client's, not
 * ours. */
static struct span put_correlator(struct imap_session *s, struct span text)
{
	static const char begin[] = "ESEARCH (TAG ";
	struct span rest = span_skip(text, sizeof(begin) - 1);
	struct imap_token tag;

	if (!span_starts_nocase(text, begin) || !s->base.busy)
		return text;
	(void)imap_token_next(&rest, &tag);
	if (!imap_client_tag_is(s->engine, tag.text))
		return text;
	(void)buf_puts(imap_state_out(s), "ESEARCH (TAG \"");
	(void)buf_put(imap_state_out(s), s->command.tag);
	(void)buf_puts(imap_state_out(s), "\"");
	return rest;
}

static void put(struct imap_session *s, struct span text)
{
	struct buf *out = imap_state_out(s);

	(void)buf_puts(out, "* ");
	text = put_correlator(s, text);
	(void)buf_put(out, text);
	(void)buf_puts(out, "\r\n");
}

static bool is_status(struct span text)
{
	static const char *const words[] = { "OK", "NO", "BAD", "BYE" };

	return listed(span_of(text.at, span_find(text, ' ')), words, 4);
}

/* What a status tells about the mailbox being selected. */
static void read_code(struct imap_session *s, struct span text)
{
	static const char uidvalidity[] = "OK [UIDVALIDITY ";
	unsigned long long number;

	if (!s->asked_mailbox || !span_starts_nocase(text, uidvalidity))
		return;
	text = span_skip(text, sizeof(uidvalidity) - 1);
	if (span_number(span_of(text.at, span_find(text, ']')), &number) &&
	    number <= UINT32_MAX)
		s->uidvalidity = (uint32_t)number;
}

static void relay_status(struct imap_session *s, struct span text)
{
	struct imap_offer offer;
	struct buf status;

	read_code(s, text);
	if (span_starts_nocase(text, "BYE"))
		s->said_bye = true;
	imap_state_offer(s, &offer);
	buf_init(&status, 2 * IMAP_CLIENT_HELD_MAX);
	imap_capabilities_put_status(imap_client_capabilities(s->engine), &offer,
				     text, &status);
	put(s, buf_span(&status));
	buf_free(&status);
}

void imap_relay_capability(struct imap_session *s)
{
	struct buf *out = imap_state_out(s);
	struct imap_offer offer;

	imap_state_offer(s, &offer);
	(void)buf_puts(out, "* CAPABILITY ");
	imap_capabilities_put(imap_client_capabilities(s->engine), &offer, out);
	(void)buf_puts(out, "\r\n");
}

/* "(FLAGS (\Seen) UID 7 MODSEQ (5))": says nothing of what a message looks like. */
static bool tells_flags_only(struct span text)
{
	static const char *const names[] = { "FLAGS", "UID", "MODSEQ" };
	struct imap_token token;
	unsigned depth = 0;

	for (bool name = true;;) {
		switch (imap_token_next(&text, &token)) {
		case IMAP_TOKEN_END:
			return depth == 0;
		case IMAP_TOKEN_OPEN:
			depth++;
			break;
		case IMAP_TOKEN_CLOSE:
			if (depth-- == 0)
				return false;
			name = true;
			break;
		case IMAP_TOKEN_ATOM:
			if (depth == 0)
				return false;
			if (depth > 1)
				break;
			if (name && !listed(token.text, names, 3))
				return false;
			name = !name;
			break;
		case IMAP_TOKEN_QUOTED:
		case IMAP_TOKEN_LITERAL:
		case IMAP_TOKEN_BAD:
			return false;
		}
	}
}

static void expunged(struct imap_session *s, uint32_t number)
{
	s->exists -= s->exists > 0;
	imap_classify_expunged(s, number);
	imap_gone_expunged(s, number);
}

/* "5 EXISTS", "3 EXPUNGE", "3 FETCH (...)" */
static void relay_numbered(struct imap_session *s, struct span text)
{
	size_t blank = span_find(text, ' ');
	struct span what = span_skip(text, blank + 1);
	unsigned long long number;

	if (!span_number(span_of(text.at, blank), &number) ||
	    number > UINT32_MAX || !(s->mailbox || s->asked_mailbox))
		return;
	if (span_is_nocase(what, "EXISTS"))
		s->exists = (uint32_t)number;
	else if (span_is_nocase(what, "EXPUNGE"))
		expunged(s, (uint32_t)number);
	else if (!span_is_nocase(what, "RECENT") &&
		 !(span_starts_nocase(what, "FETCH (") &&
		   tells_flags_only(span_skip(what, 5))))
		return;
	put(s, text);
}

static void vanished(struct imap_session *s, const struct imap_set *uids)
{
	uint64_t n = imap_set_count(uids);

	s->exists -= n < s->exists ? (uint32_t)n : s->exists;
	imap_classify_vanished(s, uids);
	imap_gone_vanished(s, uids);
}

/* Nobody is told in UIDs what has gone who did not ask for that. */
static bool relay_vanished(struct imap_session *s, struct span text)
{
	struct imap_set uids = { 0 };
	enum imap_vanished what = s->qresync && (s->mailbox || s->asked_mailbox)
				  ? imap_select_vanished(text, &uids) : IMAP_VANISHED_NOT;

	if (what == IMAP_VANISHED_NOW)
		vanished(s, &uids);
	imap_set_free(&uids);
	if (what != IMAP_VANISHED_NOT)
		put(s, text);
	return what != IMAP_VANISHED_NOT;
}

void imap_relay_untagged(struct imap_session *s, struct span text)
{
	if (is_status(text))
		relay_status(s, text);
	else if (!s->base.login)
		return;	/* THREATS 21 */
	else if (passes(text))
		put(s, text);
	else if (span_starts_nocase(text, "CAPABILITY "))
		imap_relay_capability(s);
	else if (!relay_vanished(s, text))
		relay_numbered(s, text);
}

/* What the client is told next may be of ours, and would stand in the midst of it. */
static bool ours_may_come(const struct imap_session *s)
{
	return s->base.question || (s->base.busy && !imap_client_busy(s->engine));
}

bool imap_relay_begins(struct imap_session *s, struct span text)
{
	static const char earlier[] = "VANISHED (EARLIER) ";

	if (s->qresync && span_starts_nocase(text, "VANISHED ") &&
	    !span_starts_nocase(text, earlier)) {
		imap_state_end(s, "upstream tells of too many messages at once");
		return false;
	}
	if (ours_may_come(s))
		return false;
	if (!s->base.login || !(passes(text) || (s->qresync && span_starts_nocase(text, earlier))))
		return false;
	(void)buf_puts(imap_state_out(s), "* ");
	text = put_correlator(s, text);
	(void)buf_put(imap_state_out(s), text);
	return true;
}

void imap_relay_run(struct imap_session *s, const struct imap_client_event *event)
{
	if (event->kind == IMAP_CLIENT_BIG_END)
		(void)buf_puts(imap_state_out(s), "\r\n");
	else
		(void)buf_put(imap_state_out(s), event->text);
}

void imap_relay_raw(struct imap_session *s, struct span text)
{
	put(s, text);
}

/* --- commands --- */

static void say(struct imap_session *s, imap_answered *answered)
{
	struct buf command;

	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	(void)buf_puts(&command, s->command.command->verb);
	(void)buf_put(&command, s->command.args);
	imap_upstream_say(s, buf_span(&command), NULL, answered);
	buf_free(&command);
}

void imap_relay_command(struct imap_session *s)
{
	imap_gone_command(s);
	say(s, imap_state_relay_done);
}

static void on_mailbox_deleted(struct imap_session *s, const struct imap_client_event *event)
{
	struct span rest = s->command.args;
	char *mailbox = imap_token_astring(&rest);

	if (mailbox && event->status == IMAP_OK)
		imap_view_tell_deleted(s, mailbox);
	free(mailbox);
	imap_state_relay_done(s, event);
}

void imap_relay_delete(struct imap_session *s)
{
	say(s, on_mailbox_deleted);
}

static void on_selected(struct imap_session *s,
			const struct imap_client_event *event)
{
	if (event->status == IMAP_OK) {
		s->mailbox = s->asked_mailbox;
		s->asked_mailbox = NULL;
		s->read_only = span_is(span_str(s->command.command->verb),
				       "EXAMINE");
		imap_server_state(s->server, IMAP_STATE_SELECTED);
	}
	imap_state_relay_done(s, event);
}

void imap_relay_select(struct imap_session *s)
{
	struct span rest = s->command.args;
	char *mailbox = imap_token_astring(&rest);

	if (!mailbox || !imap_select_in_order(rest, s->qresync)) {
		free(mailbox);
		imap_state_done(s, "BAD one mailbox is due, and no such parameters");
		return;
	}
	imap_state_unselect(s);	/* even when this SELECT fails */
	if (span_is_nocase(span_str(mailbox), "INBOX"))
		(void)snprintf(mailbox, sizeof("INBOX"), "INBOX");
	s->asked_mailbox = mailbox;
	say(s, on_selected);
}

static void on_deselected(struct imap_session *s,
			  const struct imap_client_event *event)
{
	if (event->status == IMAP_OK) {
		imap_gone_closed(s);
		imap_state_unselect(s);
	}
	imap_state_relay_done(s, event);
}

/* What is not known to be deleted is kept. */
static void on_deleted(struct imap_session *s, const struct imap_client_event *event)
{
	(void)event;
	say(s, on_deselected);
}

void imap_relay_close(struct imap_session *s)
{
	if (imap_gone_by_close(s))
		imap_upstream_say(s, span_str("UID SEARCH DELETED"), imap_gone_hear_deleted,
				  on_deleted);
	else
		say(s, on_deselected);
}

/* --- IDLE --- */

static void on_idled(struct imap_session *s,
		     const struct imap_client_event *event)
{
	if (s->cancelled)
		imap_state_done(s, "BAD DONE was due");
	else
		imap_state_relay_done(s, event);
}

void imap_relay_idle(struct imap_session *s)
{
	if (!imap_capabilities_has(imap_client_capabilities(s->engine), "IDLE")) {
		imap_state_done(s, "BAD this is not offered");
		return;
	}
	imap_upstream_say(s, span_str("IDLE"), NULL, on_idled);
}

void imap_relay_idles(struct imap_session *s)
{
	s->idling = true;
	s->base.busy = false;
	conn_deadline(s->base.upstream, 0);
	conn_deadline(s->base.client, IMAP_IDLE_WAIT);
	imap_server_continue(s->server, imap_state_out(s), span_str("idling"));
}

void imap_relay_idle_line(struct imap_session *s, struct span line)
{
	s->cancelled = !span_is_nocase(line, "DONE");
	s->idling = false;
	s->base.busy = true;
	imap_upstream_line(s, span_str("DONE"));
}
