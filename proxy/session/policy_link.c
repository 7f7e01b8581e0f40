#include "proxy/session/policy_link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#include <letterlock/channel.h>
#include <letterlock/mem.h>
#include <letterlock/secret.h>

#include "proxy/net/loop.h"

enum {
	INDEX_BITS = 20,	/* of an id: where it is; above: which one it is */
	TRIES = 2,
	ANSWERS_AT_ONCE = 64,	/* a turn: sockets want their share, too */
};

TAILQ_HEAD(questions, policy_question);

struct policy_question {
	struct policy_link *link;
	TAILQ_ENTRY(policy_question) entry;
	struct questions *in;		/* the list it is in */
	uint64_t id;
	struct span wire;		/* owned */
	int passed;			/* owned, or -1 */
	enum ask_kind kind;		/* to check answers against, and ... */
	size_t to_n;			/* recipients */
	unsigned asked;			/* how often */
	uint64_t deadline;		/* loop_now */
	policy_answered *answered;
	void *owner;
};

struct policy_link {
	struct loop *loop;
	const struct log *log;
	int fd;				/* -1: there is no engine */
	struct watch *watch;
	struct timer *timer;
	uint64_t timer_at;		/* when it fires, 0: it does not run */
	struct loop_turn turn;		/* for those in `failed` */
	struct questions waiting;	/* to be sent, oldest first */
	struct questions sent;
	struct questions failed;	/* to be told */
	struct policy_question **at;	/* by index of the id; NULL: free */
	uint32_t *free_at;		/* a stack of free indexes */
	size_t free_n, cap;
	uint64_t serial;
	unsigned pending;
	size_t bytes;
	struct buf message;
};

static void move_to(struct policy_question *q, struct questions *list)
{
	if (q->in)
		TAILQ_REMOVE(q->in, q, entry);
	TAILQ_INSERT_TAIL(list, q, entry);
	q->in = list;
}

/* A free index of `at`. */
static uint32_t take_index(struct policy_link *link)
{
	size_t more = link->cap ? link->cap * 2 : 64;

	if (link->free_n == 0) {
		link->at = mem_grow(link->at, more, sizeof(*link->at));
		link->free_at = mem_grow(link->free_at, more, sizeof(*link->free_at));
		for (size_t i = more; i > link->cap; i--) {
			link->at[i - 1] = NULL;
			link->free_at[link->free_n++] = (uint32_t)(i - 1);
		}
		link->cap = more;
	}
	return link->free_at[--link->free_n];
}

static uint32_t index_of(uint64_t id)
{
	return (uint32_t)(id & ((1U << INDEX_BITS) - 1));
}

static void question_free(struct policy_question *q)
{
	struct policy_link *link = q->link;

	TAILQ_REMOVE(q->in, q, entry);
	link->at[index_of(q->id)] = NULL;
	link->free_at[link->free_n++] = index_of(q->id);
	link->pending--;
	link->bytes -= q->wire.len;
	if (q->passed >= 0)
		close(q->passed);
	secret_erase((char *)q->wire.at, q->wire.len);
	free((char *)q->wire.at);
	free(q);
}

/* Tells the owner; the question is gone before that. */
static void tell(struct policy_question *q, const struct answer *answer,
		 int passed)
{
	policy_answered *answered = q->answered;
	void *owner = q->owner;

	question_free(q);
	answered(owner, answer, passed);
}

static void on_failed(void *owner)
{
	struct policy_link *link = owner;
	struct policy_question *q;

	while ((q = TAILQ_FIRST(&link->failed)))
		tell(q, NULL, -1);
}

static void fail(struct policy_question *q)
{
	move_to(q, &q->link->failed);
	loop_turn_ask(q->link->loop, &q->link->turn);
}

/* Lets the timer fire at the first deadline of all. */
static void set_timer(struct policy_link *link, uint64_t deadline)
{
	uint64_t now = loop_now(link->loop);

	if (link->timer_at && link->timer_at <= deadline)
		return;
	link->timer_at = deadline;
	timer_start(link->timer, deadline > now ? deadline - now : 0);
}

static void expire(struct policy_link *link, struct questions *list,
		   uint64_t *first)
{
	struct policy_question *q, *next;

	for (q = TAILQ_FIRST(list); q; q = next) {
		next = TAILQ_NEXT(q, entry);
		if (q->deadline <= loop_now(link->loop))
			fail(q);
		else if (q->deadline < *first)
			*first = q->deadline;
	}
}

static void on_timer(void *owner)
{
	struct policy_link *link = owner;
	uint64_t first = UINT64_MAX;

	link->timer_at = 0;
	expire(link, &link->waiting, &first);
	expire(link, &link->sent, &first);
	if (first != UINT64_MAX)
		set_timer(link, first);
}

static void disconnect(struct policy_link *link)
{
	if (link->fd < 0)
		return;
	watch_free(link->watch);
	link->watch = NULL;
	close(link->fd);
	link->fd = -1;
}

static void lost(struct policy_link *link, const char *why)
{
	if (link->fd >= 0)
		log_warning(link->log, "policy engine lost", "reason=\"%s\" questions=%u",
			    why, link->pending);
	disconnect(link);
}

/* Sends what waits, as far as the channel takes it. */
static void pump(struct policy_link *link)
{
	struct policy_question *q;
	struct err err = { 0 };

	while (link->fd >= 0 && (q = TAILQ_FIRST(&link->waiting))) {
		switch (channel_send(link->fd, q->wire, q->passed, &err)) {
		case CHANNEL_DONE:
			q->asked++;
			move_to(q, &link->sent);
			break;
		case CHANNEL_AGAIN:
			watch_want(link->watch, true, true);
			return;
		case CHANNEL_CLOSED:
		case CHANNEL_FAILED:
			lost(link, err.text);
			return;
		}
	}
	if (link->fd >= 0)
		watch_want(link->watch, true, false);
}

/* Whether `answer` fits what was asked. */
static bool fits(const struct policy_question *q, const struct answer *answer,
		 int passed)
{
	for (size_t i = 0; i < answer->copies_n; i++) {
		const struct answer_copy *copy = &answer->copies[i];

		/* what is stored has no recipients, anything else has */
		if ((copy->recipients.n == 0) != (q->kind == ASK_STORE) ||
		    (copy->from_question ? q->passed : passed) < 0)
			return false;
		for (size_t j = 0; j < copy->recipients.n; j++)
			if (copy->recipients.at[j] >= q->to_n)
				return false;
	}
	return q->kind != ASK_STORE || answer->kind != ANSWER_SEALED ||
	       answer->copies_n == 1;
}

static struct policy_question *find(const struct policy_link *link, uint64_t id)
{
	uint32_t index = index_of(id);
	struct policy_question *q = index < link->cap ? link->at[index] : NULL;

	return q && q->id == id && q->in == &link->sent ? q : NULL;
}

/* One message from the engine; takes `passed` over. */
static void take_answer(struct policy_link *link, int passed)
{
	struct answer answer = { 0 };
	struct policy_question *q;
	struct err err = { 0 };

	if (answer_decode(buf_span(&link->message), &answer, &err) < 0) {
		/* whoever asked will hear nothing, which is a 451 */
		log_error(link->log, "policy engine talked nonsense", "reason=\"%s\"",
			  err.text);
		if (passed >= 0)
			close(passed);
		return;
	}
	q = find(link, answer.id);
	if (q && fits(q, &answer, passed)) {
		tell(q, &answer, passed);
	} else {
		/* too late, forgotten, or nonsense, which is no answer */
		if (passed >= 0)
			close(passed);
		if (q) {
			log_error(link->log, "policy engine's answer did not fit", NULL);
			fail(q);
		}
	}
	answer_free(&answer);
}

static void on_ready(void *owner, bool readable, bool writable)
{
	struct policy_link *link = owner;
	struct err err = { 0 };
	int passed;

	/* an answer's owner may ask, and so find the link lost */
	for (int i = 0; readable && link->fd >= 0 && i < ANSWERS_AT_ONCE; i++) {
		enum channel_result result;

		result = channel_receive(link->fd, &link->message, &passed, &err);
		if (result == CHANNEL_AGAIN)
			break;
		if (result == CHANNEL_CLOSED)
			lost(link, "it has gone");
		else if (result == CHANNEL_FAILED)
			lost(link, err.text);
		else
			take_answer(link, passed);
	}
	buf_clear(&link->message);
	if (writable)
		pump(link);
}

struct policy_link *policy_link_new(struct loop *loop, const struct log *log)
{
	struct policy_link *link = mem_new(sizeof(*link));

	link->loop = loop;
	link->log = log;
	link->fd = -1;
	link->timer = timer_new(loop, on_timer, link);
	link->turn.run = on_failed;
	link->turn.owner = link;
	TAILQ_INIT(&link->waiting);
	TAILQ_INIT(&link->sent);
	TAILQ_INIT(&link->failed);
	buf_init(&link->message, CHANNEL_MAX);
	return link;
}

void policy_link_free(struct policy_link *link)
{
	if (!link)
		return;
	for (size_t i = 0; i < link->cap; i++)
		if (link->at[i])
			question_free(link->at[i]);
	disconnect(link);
	timer_free(link->timer);
	loop_turn_drop(&link->turn);
	buf_free(&link->message);
	free(link->at);
	free(link->free_at);
	free(link);
}

void policy_link_connect(struct policy_link *link, int fd)
{
	struct policy_question *q;

	disconnect(link);
	link->fd = fd;
	link->watch = watch_new(link->loop, fd, on_ready, link);
	watch_want(link->watch, true, false);
	/* the newest first, so that the oldest is in front in the end */
	while ((q = TAILQ_LAST(&link->sent, questions))) {
		if (q->asked >= TRIES) {
			log_error(link->log, "question given up", "asked=%u", q->asked);
			fail(q);
			continue;
		}
		TAILQ_REMOVE(&link->sent, q, entry);
		TAILQ_INSERT_HEAD(&link->waiting, q, entry);
		q->in = &link->waiting;
	}
	pump(link);
}

unsigned policy_link_pending(const struct policy_link *link)
{
	return link->pending;
}

/* The wire form into the question; -1 when it cannot be asked. */
static int encode(struct policy_question *q, struct ask *ask, int passed)
{
	struct policy_link *link = q->link;
	struct buf wire;
	size_t len;

	if (link->pending > POLICY_LINK_QUESTIONS || link->bytes > POLICY_LINK_BYTES)
		return -1;
	buf_init(&wire, CHANNEL_MAX);
	ask->id = q->id;
	if (ask_encode(ask, &wire) < 0) {
		buf_free(&wire);
		return -1;
	}
	len = buf_span(&wire).len;
	q->wire = span_of(buf_take_string(&wire), len);
	link->bytes += len;
	if (passed < 0)
		return 0;
	q->passed = fcntl(passed, F_DUPFD_CLOEXEC, 3);
	return q->passed < 0 ? -1 : 0;
}

struct policy_question *policy_ask(struct policy_link *link, struct ask *ask,
				   int passed, uint64_t timeout_ms,
				   policy_answered *answered, void *owner)
{
	struct policy_question *q = mem_new(sizeof(*q));
	uint32_t index = take_index(link);

	*q = (struct policy_question){
		.link = link, .id = ++link->serial << INDEX_BITS | index,
		.passed = -1, .kind = ask->kind, .to_n = ask->envelope.to.n,
		.deadline = loop_now(link->loop) + timeout_ms,
		.answered = answered, .owner = owner,
	};
	link->at[index] = q;
	link->pending++;
	if (encode(q, ask, passed) < 0) {
		log_error(link->log, "question refused", "pending=%u bytes=%zu",
			  link->pending, link->bytes);
		fail(q);
		return q;
	}
	move_to(q, &link->waiting);
	set_timer(link, q->deadline);
	pump(link);
	return q;
}

void policy_forget(struct policy_question *question)
{
	if (question)
		question_free(question);
}
