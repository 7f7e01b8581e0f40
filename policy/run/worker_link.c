#include "policy/run/worker_link.h"

#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#include <letterlock/channel.h>
#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "policy/run/reactor.h"

enum {
	ASKS_AT_ONCE = 32,	/* a turn: other workers want some, too */
	BAD_MAX = 10,		/* asks that are none, until it is left alone */
};

/* An answer that the channel does not take yet. */
struct answer_wire {
	STAILQ_ENTRY(answer_wire) entry;
	struct span wire;
	int passed;
};

struct worker_link {
	struct worker_link_setup setup;
	struct reactor_watch *watch;	/* NULL: not to be read yet, or lost */
	STAILQ_HEAD(, answer_wire) out;
	unsigned bad;
	struct buf in;
};

static void want(struct worker_link *link)
{
	bool full = !STAILQ_EMPTY(&link->out);

	reactor_want(link->watch, !full, full);
}

static void lose(struct worker_link *link)
{
	reactor_unwatch(link->watch);
	link->watch = NULL;
	link->setup.gone(link->setup.owner, link);
}

static void answer_wire_free(struct answer_wire *answer)
{
	if (answer->passed >= 0)
		close(answer->passed);
	free((char *)answer->wire.at);
	free(answer);
}

/* Sends what waits. -1 when there is nobody to send to. */
static int flush(struct worker_link *link)
{
	struct answer_wire *answer;
	struct err err = { 0 };

	while ((answer = STAILQ_FIRST(&link->out))) {
		enum channel_result result;

		result = channel_send(link->setup.fd, answer->wire, answer->passed, &err);
		if (result == CHANNEL_AGAIN)
			break;
		if (result != CHANNEL_DONE)
			return -1;
		STAILQ_REMOVE_HEAD(&link->out, entry);
		answer_wire_free(answer);
	}
	want(link);
	return 0;
}

/* What is searched for may be words out of a message. */
static void forget(struct worker_link *link)
{
	struct span last = buf_span(&link->in);

	if (last.len)
		secret_erase((char *)last.at, last.len);
	buf_clear(&link->in);
}

/* One ask; false when there is none, or nobody to ask any more. */
static bool take_ask(struct worker_link *link)
{
	struct err err = { 0 };
	struct ask ask = { 0 };
	int passed;

	switch (channel_receive(link->setup.fd, &link->in, &passed, &err)) {
	case CHANNEL_DONE:
		break;
	case CHANNEL_AGAIN:
		return false;
	case CHANNEL_CLOSED:
	case CHANNEL_FAILED:
		lose(link);
		return false;
	}
	if (ask_decode(buf_span(&link->in), &ask, &err) == 0) {
		link->setup.asked(link->setup.owner, link, &ask, buf_span(&link->in),
				  passed);
		forget(link);
		return link->watch != NULL;
	}
	if (passed >= 0)
		close(passed);
	log_error(link->setup.log, "worker talked nonsense", "reason=\"%s\"", err.text);
	if (++link->bad < BAD_MAX)
		return true;
	lose(link);
	return false;
}

static void on_ready(void *owner, bool readable, bool writable)
{
	struct worker_link *link = owner;

	/* a worker that has gone is readable, and takes no answers */
	if ((writable || readable) && !STAILQ_EMPTY(&link->out) && flush(link) < 0) {
		lose(link);
		return;
	}
	for (int i = 0; readable && i < ASKS_AT_ONCE; i++)
		if (!STAILQ_EMPTY(&link->out) || !take_ask(link))
			break;
}

struct worker_link *worker_link_new(const struct worker_link_setup *setup)
{
	struct worker_link *link = mem_new(sizeof(*link));

	link->setup = *setup;
	STAILQ_INIT(&link->out);
	buf_init(&link->in, CHANNEL_MAX);
	return link;
}

void worker_link_free(struct worker_link *link)
{
	struct answer_wire *answer;

	if (!link)
		return;
	reactor_unwatch(link->watch);
	close(link->setup.fd);
	while ((answer = STAILQ_FIRST(&link->out))) {
		STAILQ_REMOVE_HEAD(&link->out, entry);
		answer_wire_free(answer);
	}
	buf_free(&link->in);
	free(link);
}

void worker_link_read(struct worker_link *link)
{
	if (!link->watch)
		link->watch = reactor_watch(link->setup.reactor, link->setup.fd,
					    on_ready, link);
}

uint64_t worker_link_id(const struct worker_link *link)
{
	return link->setup.id;
}

void worker_link_answer(struct worker_link *link, const struct answer *answer,
			int passed)
{
	struct answer_wire *wire = mem_new(sizeof(*wire));
	struct buf bytes;
	size_t len;

	buf_init(&bytes, CHANNEL_MAX);
	wire->passed = passed;
	if (answer_encode(answer, &bytes) < 0) {
		/* no answer is a 451 for who asked */
		log_error(link->setup.log, "answer too large", NULL);
		answer_wire_free(wire);
		buf_free(&bytes);
		return;
	}
	len = buf_span(&bytes).len;
	wire->wire = span_of(buf_take_string(&bytes), len);
	STAILQ_INSERT_TAIL(&link->out, wire, entry);
	/* one that has gone is told of by the reactor, not from in here */
	(void)flush(link);
}
