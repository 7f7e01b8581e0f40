/*
 * worker_link - the policy engine's end of the channel to one worker. Trusts
 * nothing that comes: a worker may have been taken over. Reads no more while
 * the worker does not take its answers.
 */
#ifndef LETTERLOCK_WORKER_LINK_H
#define LETTERLOCK_WORKER_LINK_H

#include <stdint.h>

#include <letterlock/ask.h>
#include <letterlock/log.h>

struct reactor;
struct worker_link;

struct worker_link_setup {
	struct reactor *reactor;
	const struct log *log;
	int fd;			/* taken over */
	uint64_t id;		/* which link it is; never used again */
	/* `ask` is the callee's to free, `wire` (what it came as) borrowed,
	 * `passed` the callee's, or -1. */
	void (*asked)(void *owner, struct worker_link *link, struct ask *ask,
		      struct span wire, int passed);
	/* The worker has gone; freed by worker_link_free(), not from inside. */
	void (*gone)(void *owner, struct worker_link *link);
	void *owner;
};

/* Reads nothing until worker_link_read(). The setup is copied. */
struct worker_link *worker_link_new(const struct worker_link_setup *setup);
void worker_link_free(struct worker_link *link);
void worker_link_read(struct worker_link *link);
uint64_t worker_link_id(const struct worker_link *link);

/* Sends `answer`, with `passed` (taken over) unless that is -1. */
void worker_link_answer(struct worker_link *link, const struct answer *answer,
			int passed);

#endif
