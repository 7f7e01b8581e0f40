#include "proxy/session/smtp_deliver.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/net/loop.h"
#include "proxy/session/smtp_upstream.h"

enum { RUN = 32 * 1024 };

static const struct answer_copy *current(const struct smtp_session *s)
{
	return &s->sealed.copies[s->copy];
}

void smtp_deliver_copy_answer(struct smtp_session *s,
			      const struct answer *answer)
{
	struct answer *to = &s->sealed;

	*to = *answer;
	to->copies = mem_new((answer->copies_n + 1) * sizeof(*to->copies));
	for (size_t i = 0; i < answer->copies_n; i++) {
		const struct ask_recipients *r = &answer->copies[i].recipients;

		to->copies[i] = answer->copies[i];
		to->copies[i].recipients.at = mem_new((r->n + 1) * sizeof(*r->at));
		memcpy(to->copies[i].recipients.at, r->at, r->n * sizeof(*r->at));
	}
}

/* True when a repeat of the message must not send everything again. */
static bool journalled(const struct smtp_session *s)
{
	return s->sealed.copies_n > 1 || s->sealed.journalled;
}

/* Nobody waits for it: an entry that stays costs nothing but its room. */
static void forgotten(void *owner, const struct answer *answer, int passed)
{
	(void)owner;
	(void)answer;
	(void)passed;
}

void smtp_deliver_told(struct smtp_session *s)
{
	struct ask ask = { .kind = ASK_COMPLETE };

	if (!s->told[0])
		return;
	memcpy(ask.journal, s->told, sizeof(ask.journal));
	s->told[0] = '\0';
	(void)policy_ask(s->base.setup.policy, &ask, -1, SMTP_POLICY_WAIT, forgotten,
			 NULL);
}

static void log_sent(struct smtp_session *s)
{
	size_t encrypted = 0, signatures = 0;

	for (size_t i = 0; i < s->sealed.copies_n; i++) {
		encrypted += s->sealed.copies[i].encrypted;
		signatures += s->sealed.copies[i].signed_by_us;
	}
	log_info(&s->base.log, "message sent",
		 "recipients=%zu copies=%zu encrypted=%zu signed=%zu rule=%s "
		 "bytes=%" PRIu64 " ms=%" PRIu64,
		 s->envelope.to.n, s->sealed.copies_n, encrypted, signatures,
		 s->sealed.rule, s->message_size,
		 loop_now(s->base.setup.loop) - s->began);
}

/* Every copy is accepted: the one place that says 250 to a message. */
static void submitted(struct smtp_session *s, const struct smtp_reply *reply)
{
	struct reply ours;

	log_sent(s);
	if (journalled(s)) {
		smtp_deliver_told(s);	/* of the message before this one */
		memcpy(s->told, s->sealed.journal, sizeof(s->told));
		conn_want_drained(s->base.client);
	}
	if (reply) {
		smtp_state_relay(s, reply);
	} else {
		reply_set(&ours, 250, "2.0.0",
			  "every recipient has had this message before");
		smtp_state_answer(s, &ours);
	}
	smtp_state_reset(s);
}

/* Upstream does not take this copy: its words are the answer. */
static void refused(struct smtp_session *s, const struct smtp_reply *reply)
{
	log_info(&s->base.log, "upstream refused a copy",
		 "copy=%zu of=%zu code=%u", s->copy + 1, s->sealed.copies_n,
		 reply->code);
	if (!s->base.client) {
		s->base.over = true;
		return;
	}
	smtp_state_relay(s, reply);
	smtp_state_reset(s);
}

static void say_data(struct smtp_session *s);
static void say_mail(struct smtp_session *s, const struct smtp_reply *reply);

static void next_copy(struct smtp_session *s, const struct smtp_reply *reply)
{
	s->copy++;
	if (s->copy == s->sealed.copies_n)
		submitted(s, reply);
	else
		say_mail(s, NULL);
}

static void noted(void *owner, const struct answer *answer, int passed)
{
	struct smtp_session *s = owner;

	(void)passed;
	s->base.question = NULL;
	if (!answer || answer->kind != ANSWER_YES)
		/* It is accepted all the same; only a repeat would double it. */
		log_warning(&s->base.log, "journal not written", NULL);
	if (!s->base.client)
		s->base.over = true;
	else if (s->base.upstream)
		next_copy(s, s->copy + 1 == s->sealed.copies_n
			     ? &s->last_reply : NULL);
	session_turn(&s->base);
}

static void note_accepted(struct smtp_session *s)
{
	struct ask ask = {
		.kind = ASK_ACCEPTED,
		.envelope = s->envelope,
		.recipients = current(s)->recipients,
	};

	memcpy(ask.journal, s->sealed.journal, sizeof(ask.journal));
	smtp_state_ask(s, &ask, -1, SMTP_POLICY_WAIT, noted);
}

static void keep_reply(struct smtp_session *s, const struct smtp_reply *reply)
{
	smtp_reply_free(&s->last_reply);
	s->last_reply.code = reply->code;
	strs_add_all(&s->last_reply.lines, &reply->lines);
}

static void dot_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	s->dot_sent = false;
	s->dirty = false;
	if (reply->code / 100 != 2) {
		refused(s, reply);
		return;
	}
	if (!s->base.client || journalled(s)) {
		/* A client that has gone will repeat; several copies may end
		 * half-way. */
		keep_reply(s, reply);
		note_accepted(s);
		return;
	}
	next_copy(s, reply);
}

/* The bytes of this copy from `at` on, into `run`; -1 when they cannot be had. */
static ssize_t read_copy(const struct smtp_session *s, char *run, size_t size)
{
	const struct answer_copy *copy = current(s);
	uint64_t left = copy->size - s->sent;
	int fd = copy->from_question ? spool_descriptor(s->spool) : s->sealed_fd;

	if (left < size)
		size = (size_t)left;
	return pread(fd, run, size, (off_t)(copy->offset + s->sent));
}

static void cannot_read(struct smtp_session *s)
{
	struct reply reply;

	log_error(&s->base.log, "copy could not be read", NULL);
	session_upstream_close(&s->base);
	reply_set(&reply, 421, "4.3.0", "spool failed: try again");
	smtp_state_end(s, &reply);
}

void smtp_deliver_more(struct smtp_session *s)
{
	char run[RUN];

	while (s->sending && !conn_full(s->base.upstream)) {
		ssize_t got;

		if (s->sent == current(s)->size) {
			s->sending = false;
			if (smtp_client_body_end(s->engine,
						 conn_out(s->base.upstream)) < 0) {
				cannot_read(s);
				return;
			}
			s->dot_sent = true;
			if (s->copy + 1 == s->sealed.copies_n)
				/* others need not wait until upstream has answered */
				smtp_state_give_room(s);
			smtp_upstream_await(s, SMTP_DOT_WAIT, dot_replied);
			return;
		}
		got = read_copy(s, run, sizeof(run));
		if (got <= 0 ||
		    smtp_client_body(s->engine, conn_out(s->base.upstream),
				     span_of(run, (size_t)got)) < 0) {
			cannot_read(s);
			return;
		}
		s->sent += (uint64_t)got;
		conn_deadline(s->base.upstream, SMTP_BLOCK_WAIT);
	}
}

static void data_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	if (reply->code != 354) {
		refused(s, reply);
		return;
	}
	s->sent = 0;
	s->sending = true;
	smtp_deliver_more(s);
}

static void say_data(struct smtp_session *s)
{
	smtp_upstream_say(s, SMTP_DATA_WAIT, data_replied, "DATA");
}

static void rcpt_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	const struct ask_recipients *to = &current(s)->recipients;

	if (reply->code / 100 != 2) {
		refused(s, reply);
		return;
	}
	s->copy_rcpt++;
	if (s->copy_rcpt == to->n) {
		say_data(s);
		return;
	}
	smtp_upstream_say(s, SMTP_COMMAND_WAIT, rcpt_replied, "RCPT TO:<%s>%s",
			  s->envelope.to.at[to->at[s->copy_rcpt]],
			  s->rcpt_parameters.at[to->at[s->copy_rcpt]]);
}

static void mail_replied(struct smtp_session *s, const struct smtp_reply *reply)
{
	uint16_t first = current(s)->recipients.at[0];

	if (reply->code / 100 != 2) {
		refused(s, reply);
		return;
	}
	s->dirty = true;
	s->copy_rcpt = 0;
	smtp_upstream_say(s, SMTP_COMMAND_WAIT, rcpt_replied, "RCPT TO:<%s>%s",
			  s->envelope.to.at[first], s->rcpt_parameters.at[first]);
}

/* RSET where a transaction is open, then one of this copy's own. */
static void say_mail(struct smtp_session *s, const struct smtp_reply *reply)
{
	const struct smtp_client_capabilities *they =
		smtp_client_capabilities(s->engine);
	char size[40] = "";

	if (reply && reply->code / 100 != 2) {
		refused(s, reply);
		return;
	}
	if (reply)
		s->dirty = false;
	if (s->dirty) {
		smtp_upstream_say(s, SMTP_COMMAND_WAIT, say_mail, "RSET");
		return;
	}
	if (they->size_known)
		(void)snprintf(size, sizeof(size), " SIZE=%" PRIu64,
			       current(s)->size);
	smtp_upstream_say(s, SMTP_COMMAND_WAIT, mail_replied,
			  "MAIL FROM:<%s>%s%s%s%s", s->envelope.sender, size,
			  current(s)->eight_bit ? " BODY=8BITMIME" : "",
			  current(s)->utf8 || s->envelope.smtputf8
			  ? " SMTPUTF8" : "", s->parameters);
}

/* Whether the one copy can go down the transaction that the client's own MAIL
 * and RCPT opened. */
static bool fits_open_transaction(const struct smtp_session *s)
{
	const struct answer_copy *copy = current(s);

	return s->dirty && s->sealed.copies_n == 1 &&
	       copy->recipients.n == s->envelope.to.n &&
	       (!copy->eight_bit || s->eight_bit_said) &&
	       (!copy->utf8 || s->envelope.smtputf8);
}

void smtp_deliver(struct smtp_session *s)
{
	s->copy = 0;
	if (!s->sealed.copies_n)
		submitted(s, NULL);
	else if (fits_open_transaction(s))
		say_data(s);
	else
		say_mail(s, NULL);
}
