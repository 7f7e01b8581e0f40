#include "proxy/session/smtp_submit.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/header.h>

#include "proxy/net/loop.h"
#include "proxy/session/smtp_deliver.h"
#include "proxy/session/smtp_hello.h"
#include "proxy/session/smtp_trace.h"
#include "proxy/session/smtp_upstream.h"

/*
 * What a message of more than this will need for its copy is counted while it comes:
 * of many that come at once some are told early that there is no room, and the others
 * have it in the end, instead of all of them failing there.
 */
enum { LARGE = 4 * 1024 * 1024 };

static void unreserve(struct smtp_session *s)
{
	spool_budget_give(s->base.share.sending, s->reserved);
	s->reserved = 0;
}

/* Reserves `bytes` in all; false when that much is not there, and nothing has changed. */
static bool reserve_all(struct smtp_session *s, uint64_t bytes,
			bool (*take)(struct spool_budget *budget, uint64_t bytes))
{
	if (bytes > s->reserved && !take(s->base.share.sending, bytes - s->reserved))
		return false;
	if (bytes > s->reserved)
		s->reserved = bytes;
	return true;
}

/* For the copy of a message of `size`, while that comes. */
static int reserve_copy(struct smtp_session *s, uint64_t size, struct err *err)
{
	if (size <= LARGE)
		return 0;
	if (!reserve_all(s, smtp_hello_grown(size), spool_budget_take_output))
		return err_set(err, ERR_TEMP, "the spool is full");
	spool_beside(s->spool, s->reserved);
	return 0;
}

static void spool_full(struct smtp_session *s)
{
	unreserve(s);
	spool_free(s->spool);
	s->spool = NULL;
	reply_set(&s->spool_failed, 452, "4.3.1", "spool full: try again");
}

static int put_trace(struct smtp_session *s, struct err *err)
{
	struct smtp_trace trace = {
		.hostname = s->base.setup.settings->gateway.hostname,
		.extended = s->extended,
		.tls = conn_secure(s->base.client),
		.authenticated = s->base.login != NULL,
		.smtputf8 = s->envelope.smtputf8,
		.tls_text = conn_secure(s->base.client) ? conn_tls_text(s->base.client)
						   : NULL,
		.id = s->base.setup.id,
		.when = time(NULL),
	};
	struct buf field;
	int ret = -1;

	buf_init(&field, 4096);
	if (smtp_trace_put(&field, &trace) == 0)
		ret = spool_put(s->spool, buf_span(&field), err);
	s->trace_size = buf_span(&field).len;
	buf_free(&field);
	return ret;
}

/* Room for what MAIL said is coming, so that who will have none hears it before. */
static int expect(struct smtp_session *s, struct err *err)
{
	uint64_t size = s->envelope.size;

	if (size <= LARGE)
		return 0;
	return spool_reserve(s->spool, s->trace_size + size, err) < 0 ? -1
								     : reserve_copy(s, size, err);
}

void smtp_submit_data(struct smtp_session *s)
{
	struct err err = { ERR_NONE, "" };

	s->began = loop_now(s->base.setup.loop);
	s->spool_failed.code = 0;
	s->spool = spool_new(s->base.share.sending, &err);
	if (!s->spool || put_trace(s, &err) < 0 || expect(s, &err) < 0) {
		log_warning(&s->base.log, "spool refused", "reason=\"%s\"", err.text);
		spool_full(s);
		smtp_state_answer(s, &s->spool_failed);
		return;
	}
	pace_begin(&s->pace, loop_now(s->base.setup.loop));
	conn_deadline(s->base.client, SMTP_DATA_WAIT);
	smtp_server_go_ahead(s->server, conn_out(s->base.client));
}

static int put_body(struct smtp_session *s, struct span run, struct err *err)
{
	if (spool_put(s->spool, run, err) < 0)
		return -1;
	return reserve_copy(s, spool_size(s->spool), err);
}

void smtp_submit_body(struct smtp_session *s, struct span run)
{
	uint64_t wait = pace_more(&s->pace, loop_now(s->base.setup.loop), run.len);
	struct err err = { ERR_NONE, "" };

	if (wait)
		conn_deadline(s->base.client, wait);
	if (s->spool && put_body(s, run, &err) < 0) {
		spool_full(s);	/* at once: another one waits for it, perhaps */
		log_warning(&s->base.log, "spool full", "reason=\"%s\"", err.text);
	}
	smtp_upstream_keep(s);
}

void smtp_submit_bad(struct smtp_session *s, const char *why)
{
	log_info(&s->base.log, "message refused", "reason=\"%s\"", why);
	smtp_state_reset(s);
}

static void refuse(struct smtp_session *s, const struct reply *reply)
{
	struct reply kept = *reply;

	smtp_state_answer(s, &kept);
	smtp_state_reset(s);
}

/* Takes over the copies and their descriptor; what was reserved too much goes
 * back. */
static void take_over(struct smtp_session *s, const struct answer *answer,
		      int passed)
{
	off_t size = passed >= 0 ? lseek(passed, 0, SEEK_END) : 0;
	uint64_t used = size > 0 ? (uint64_t)size : 0;
	bool clear = false;

	smtp_deliver_copy_answer(s, answer);
	s->sealed_fd = passed;
	for (size_t i = 0; i < answer->copies_n; i++)
		clear |= answer->copies[i].from_question;
	if (!clear) {
		/* the plaintext is not needed while upstream takes its time */
		spool_free(s->spool);
		s->spool = NULL;
	}
	if (used < s->reserved) {
		spool_budget_give(s->base.share.sending, s->reserved - used);
		s->reserved = used;
	}
}

static void sealed(void *owner, const struct answer *answer, int passed)
{
	struct smtp_session *s = owner;
	struct reply none;

	s->base.question = NULL;
	if (answer && answer->kind == ANSWER_SEALED) {
		take_over(s, answer, passed);
		smtp_deliver(s);
	} else {
		if (passed >= 0)
			(void)close(passed);
		unreserve(s);
		reply_set(&none, 451, "4.3.0", "policy did not answer in time");
		if (answer && answer->kind == ANSWER_REFUSED)
			none = answer->reply;
		log_info(&s->base.log, "message refused",
			 "rule=%s code=%u status=%s reason=\"%s\"",
			 answer ? answer->rule : "", none.code, none.status,
			 none.text);
		refuse(s, &none);
	}
	session_turn(&s->base);
}

/*
 * What a copy may need: eight bits become base64 before they are signed, and
 * that becomes armour (1.37 each time); the header stands outside, inside, and
 * inside again as HP-Outer (RFC 9788 2.2), the latter two armoured.
 */
static uint64_t copy_at_most(uint64_t size)
{
	uint64_t header = size < HEADER_BLOCK_MAX ? size : HEADER_BLOCK_MAX;

	return smtp_hello_grown(size) + size / 2 + 3 * header;
}

/* Room for the copies: one for each recipient in the worst case; where there is
 * less, what there is or a copy needs. What is too much goes back once sealed. */
static bool reserve(struct smtp_session *s)
{
	uint64_t size = spool_size(s->spool);
	uint64_t least = smtp_hello_grown(size), one = copy_at_most(size);
	uint64_t all = one * s->envelope.to.n;
	uint64_t room = s->reserved + spool_budget_free_bytes(s->base.share.sending);

	if (all > room)
		all = room > one ? room : one;
	return reserve_all(s, all, spool_budget_take) ||
	       reserve_all(s, one, spool_budget_take_output) ||
	       reserve_all(s, least, spool_budget_take_output);
}

static void ask_seal(struct smtp_session *s, int fd)
{
	const struct smtp_client_capabilities *they =
		smtp_client_capabilities(s->engine);
	struct ask ask = {
		.kind = ASK_SEAL,
		.envelope = s->envelope,
		.trace_size = s->trace_size,
		.message_size = s->message_size,
		.output_max = s->reserved,
		.upstream_size = they->size_known ? they->size : 0,
		.upstream_eight_bit = they->eight_bit,
		.upstream_smtputf8 = they->smtputf8,
		.want_utf8 = s->envelope.smtputf8,
	};

	smtp_state_ask(s, &ask, fd, SMTP_SEAL_WAIT, sealed);
}

void smtp_submit_end(struct smtp_session *s)
{
	struct err err = { ERR_NONE, "" };
	struct reply reply;
	int fd;

	s->base.busy = true;
	if (!s->spool) {
		refuse(s, &s->spool_failed);
		return;
	}
	if (!reserve(s)) {
		log_warning(&s->base.log, "spool full", "reason=\"no room for its copies\"");
		spool_full(s);
		refuse(s, &s->spool_failed);
		return;
	}
	s->message_size = spool_size(s->spool) - s->trace_size;
	fd = spool_finish(s->spool, &err);
	if (fd < 0) {
		log_error(&s->base.log, "spool could not be sealed", "reason=\"%s\"",
			  err.text);
		reply_set(&reply, 451, "4.3.0", "spool failed: try again");
		unreserve(s);
		refuse(s, &reply);
		return;
	}
	ask_seal(s, fd);
}
