#include "policy/run/seal_queue.h"

#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include <letterlock/secret.h>

void seal_queue_init(struct seal_queue *queue, unsigned max)
{
	*queue = (struct seal_queue){
		.max = max < SEAL_QUEUE_MAX ? max : SEAL_QUEUE_MAX,
	};
	TAILQ_INIT(&queue->jobs);
}

void seal_queue_job_free(struct seal_job *job)
{
	if (!job)
		return;
	ask_free(&job->ask);
	secret_erase((char *)job->wire.at, job->wire.len);
	free((char *)job->wire.at);
	if (job->fd >= 0)
		close(job->fd);
	free(job);
}

static struct seal_job *take(struct seal_queue *queue, struct seal_job *job)
{
	TAILQ_REMOVE(&queue->jobs, job, entry);
	queue->n--;
	return job;
}

void seal_queue_free(struct seal_queue *queue)
{
	struct seal_job *job;

	while ((job = TAILQ_FIRST(&queue->jobs)))
		seal_queue_job_free(take(queue, job));
}

/* Who takes turns: a login, or an address where there is none. */
static const char *client_of(const struct seal_job *job)
{
	const struct envelope *envelope = &job->ask.envelope;

	if (envelope->login)
		return envelope->login;
	return envelope->client ? envelope->client : "";
}

/*
 * A client's message has its turn after that client's last one that waits,
 * and after the turn that is under way: so each client has one message in
 * each turn, and one that comes back at once does not get ahead of others.
 * Likewise among those that are quick.
 */
bool seal_queue_put(struct seal_queue *queue, struct seal_job *job)
{
	const struct seal_job *other;
	unsigned same = 0;

	if (queue->n >= queue->max)
		return false;
	job->turn = queue->turn[job->quick] + 1;
	TAILQ_FOREACH(other, &queue->jobs, entry) {
		if (strcasecmp(client_of(other), client_of(job)) != 0)
			continue;
		same++;
		if (other->quick == job->quick && other->turn >= job->turn)
			job->turn = other->turn + 1;
	}
	if (same * SEAL_QUEUE_SHARE >= queue->max)
		return false;
	TAILQ_INSERT_TAIL(&queue->jobs, job, entry);
	queue->n++;
	return true;
}

static bool before(const struct seal_job *a, const struct seal_job *b)
{
	return a->quick != b->quick ? a->quick : a->turn < b->turn;
}

static struct seal_job *take_first(struct seal_queue *queue, bool quick)
{
	struct seal_job *job, *first = NULL;

	TAILQ_FOREACH(job, &queue->jobs, entry)
		if ((job->quick || !quick) && (!first || before(job, first)))
			first = job;
	if (!first)
		return NULL;
	queue->turn[first->quick] = first->turn;
	return take(queue, first);
}

struct seal_job *seal_queue_take(struct seal_queue *queue)
{
	return take_first(queue, false);
}

struct seal_job *seal_queue_take_quick(struct seal_queue *queue)
{
	return take_first(queue, true);
}

struct seal_job *seal_queue_take_older(struct seal_queue *queue, uint64_t came)
{
	struct seal_job *job;

	TAILQ_FOREACH(job, &queue->jobs, entry)
		if (job->came < came)
			return take(queue, job);
	return NULL;
}

void seal_queue_forget(struct seal_queue *queue, uint64_t link)
{
	struct seal_job *job, *next;

	for (job = TAILQ_FIRST(&queue->jobs); job; job = next) {
		next = TAILQ_NEXT(job, entry);
		if (job->link == link)
			seal_queue_job_free(take(queue, job));
	}
}
