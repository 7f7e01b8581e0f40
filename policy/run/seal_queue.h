/*
 * seal_queue - messages that wait for a sealer. Bounded, and fair: clients
 * take turns, however many messages one of them has waiting. Pure.
 */
#ifndef LETTERLOCK_SEAL_QUEUE_H
#define LETTERLOCK_SEAL_QUEUE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <letterlock/ask.h>

enum {
	SEAL_JOB_DEATHS = 2,		/* then a message is not touched again */
	SEAL_QUEUE_MAX = 1024,		/* messages, each a descriptor */
	SEAL_QUEUE_SHARE = 2,		/* one client has at most one of so many */
};

struct seal_job {
	TAILQ_ENTRY(seal_job) entry;
	uint64_t link;		/* which worker's link asked */
	struct ask ask;		/* owned */
	struct span wire;	/* of the ask, as it came; owned */
	int fd;			/* the message; owned */
	uint64_t came;		/* ms */
	unsigned deaths;	/* sealers that died of it, or were killed */
	bool quick;		/* a look into the state: before all messages */
	uint64_t turn;		/* the queue's */
};

struct seal_queue {
	TAILQ_HEAD(seal_list, seal_job) jobs;
	unsigned n, max;
	uint64_t turn[2];	/* of the job that was last taken; of the last quick one */
};

/* For at most `max` messages (and SEAL_QUEUE_MAX). */
void seal_queue_init(struct seal_queue *queue, unsigned max);
void seal_queue_free(struct seal_queue *queue);

/* Takes `job` over; false (it stays the caller's) when there are too many. */
bool seal_queue_put(struct seal_queue *queue, struct seal_job *job);

/* The next one, or the next quick one, now the caller's; NULL when there is none. */
struct seal_job *seal_queue_take(struct seal_queue *queue);
struct seal_job *seal_queue_take_quick(struct seal_queue *queue);

/* One that came before `came`, now the caller's, or NULL. */
struct seal_job *seal_queue_take_older(struct seal_queue *queue, uint64_t came);

/* Nobody waits for those of `link` any more. */
void seal_queue_forget(struct seal_queue *queue, uint64_t link);

void seal_queue_job_free(struct seal_job *job);

#endif
