#include "proxy/session/imap_append.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "proxy/net/loop.h"
#include "proxy/session/imap_upstream.h"

enum {
	PIECE = 32 * 1024,
	/* what a sealed copy has more than its message, besides what armour
	 * adds: its header stands in there three times */
	COPY_ROOM = 64 * 1024,
	HEADER_MOST = 1024 * 1024,
	HEADER_TIMES = 4,
};

void imap_append(struct imap_session *s, const struct imap_server_event *event)
{
	s->command = *event;
	if (event->binary && !imap_state_binary(s)) {
		imap_state_done(s, "BAD binary literals are not offered");
		return;
	}
	s->spool = spool_new(s->base.share.sending, &s->spool_failed);
	if (!s->spool) {
		log_warning(&s->base.log, "spool refused", "reason=\"%s\"", s->spool_failed.text);
		s->base.busy = true;
		imap_state_done(s, "NO [LIMIT] the gateway has no room for it now");
		return;
	}
	pace_begin(&s->pace, loop_now(s->base.setup.loop));
	conn_deadline(s->base.client, PACE_BLOCK);
	imap_server_go_ahead(s->server, imap_state_out(s));
}

void imap_append_body(struct imap_session *s, struct span bytes)
{
	uint64_t wait = pace_more(&s->pace, loop_now(s->base.setup.loop), bytes.len);

	if (wait)
		conn_deadline(s->base.client, wait);
	s->nul |= s->command.binary && memchr(bytes.at, '\0', bytes.len);
	if (s->nul)
		return;
	if (s->spool_failed.kind == ERR_NONE &&
	    spool_put(s->spool, bytes, &s->spool_failed) < 0)
		log_warning(&s->base.log, "spool refused", "reason=\"%s\"", s->spool_failed.text);
}

void imap_append_bad(struct imap_session *s)
{
	s->base.busy = false;
	imap_state_drop_work(s);
}

/* --- sealing --- */

static bool reserve(struct imap_session *s)
{
	uint64_t size = spool_size(s->spool);
	uint64_t header = size < HEADER_MOST ? size : HEADER_MOST;
	uint64_t most = 2 * size + HEADER_TIMES * header + COPY_ROOM;

	s->reserved = spool_budget_take_output(s->base.share.sending, most) ? most : 0;
	return s->reserved > 0;
}

/* The command of the literal is the client's own; only the message changes, and
 * ~{n} becomes {n}, since no NUL is in it. */
static void say(struct imap_session *s)
{
	struct buf command;

	buf_init(&command, IMAP_CLIENT_COMMAND_MAX);
	(void)buf_puts(&command, "APPEND");
	(void)buf_put(&command, s->command.args);
	s->sent = 0;
	imap_upstream_say_body(s, buf_span(&command), s->stored.size, imap_state_relay_done);
	buf_free(&command);
}

static bool usable(const struct imap_session *s, const struct answer *answer)
{
	const struct answer_copy *copy = answer->copies;

	return answer->kind == ANSWER_SEALED && answer->copies_n == 1 && copy->size > 0 &&
	       (copy->from_question ? copy->offset + copy->size <= spool_size(s->spool)
				    : s->sealed_fd >= 0);
}

static void on_sealed(void *owner, const struct answer *answer, int passed)
{
	struct imap_session *s = owner;

	s->base.question = NULL;
	s->sealed_fd = passed;
	if (!answer) {
		imap_state_done(s, "NO [UNAVAILABLE] the message cannot be protected now");
	} else if (answer->kind == ANSWER_REFUSED) {
		log_warning(&s->base.log, "storing refused", "rule=%s reason=\"%s\"", answer->rule,
			    answer->reply.text);
		imap_state_done(s, "NO %s%s",
				answer->reply.code < 500 ? "[UNAVAILABLE] " : "[CANNOT] ",
				answer->reply.text);
	} else if (!usable(s, answer)) {
		log_error(&s->base.log, "policy engine's answer did not fit", NULL);
		imap_state_done(s, "NO [UNAVAILABLE] the message cannot be protected now");
	} else {
		s->stored = answer->copies[0];
		s->stored.recipients = (struct ask_recipients){ 0 };
		log_info(&s->base.log, "message stored", "rule=%s encrypted=%s bytes=%llu",
			 answer->rule, s->stored.encrypted ? "yes" : "no",
			 (unsigned long long)s->stored.size);
		say(s);
	}
	session_turn(&s->base);
}

static void ask(struct imap_session *s)
{
	struct ask ask = { .kind = ASK_STORE, .message_size = spool_size(s->spool),
			   .output_max = s->reserved };

	ask.envelope.listener = mem_strdup(s->base.setup.listener->name);
	ask.envelope.login = mem_strdup(session_login(&s->base));
	ask.envelope.client = mem_strdup(conn_peer(s->base.client));
	imap_state_ask(s, &ask, spool_descriptor(s->spool), on_sealed);
	ask_free(&ask);
}

void imap_append_end(struct imap_session *s)
{
	s->base.busy = true;
	conn_deadline(s->base.client, 0);
	if (s->nul) {
		imap_state_done(s, "NO [UNKNOWN-CTE] a message with a NUL is not stored");
		return;
	}
	if (s->spool_failed.kind == ERR_NONE &&
	    (spool_finish(s->spool, &s->spool_failed) < 0 || !reserve(s))) {
		err_set(&s->spool_failed, ERR_TEMP, "no room for the sealed message");
		log_warning(&s->base.log, "spool refused", "reason=\"%s\"", s->spool_failed.text);
	}
	if (s->spool_failed.kind != ERR_NONE)
		imap_state_done(s, "NO [LIMIT] the gateway has no room for it now");
	else
		ask(s);
}

/* --- to upstream --- */

/* The next piece of the copy; -1: it cannot be read, which must not happen. */
static ssize_t read_piece(struct imap_session *s, char *piece)
{
	uint64_t left = s->stored.size - s->sent;
	int fd = s->stored.from_question ? spool_descriptor(s->spool) : s->sealed_fd;

	return pread(fd, piece, left < PIECE ? (size_t)left : PIECE,
		     (off_t)(s->stored.offset + s->sent));
}

void imap_append_send(struct imap_session *s)
{
	char piece[PIECE];

	s->sending = true;
	while (s->base.upstream && s->sent < s->stored.size) {
		ssize_t n;

		if (conn_full(s->base.upstream))
			return;		/* `drained` comes */
		n = read_piece(s, piece);
		if (n <= 0 || imap_client_body(s->engine, conn_out(s->base.upstream),
					       span_of(piece, (size_t)n)) < 0) {
			log_error(&s->base.log, "message not sent", "reason=\"%s\"",
				  n < 0 ? "reading it failed" : "it does not fit");
			imap_state_end(s, "a message could not be handed on");
			return;
		}
		s->sent += (uint64_t)n;
		conn_deadline(s->base.upstream, IMAP_UPSTREAM_WAIT);
	}
	s->sending = false;
}
