/*
 * engine - what the rooms of the policy engine share. Private to
 * policy/run/engine_* and policy_process.
 */
#ifndef LETTERLOCK_ENGINE_H
#define LETTERLOCK_ENGINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <letterlock/ask.h>
#include <letterlock/log.h>

#include "policy/rules/conf.h"
#include "policy/run/seal_queue.h"

struct journal;
struct journal_writer;
struct key_watch;
struct late_answers;
struct reactor;
struct reactor_timer;
struct reactor_watch;
struct sealers;
struct worker_link;

struct engine_link {
	TAILQ_ENTRY(engine_link) entry;
	struct worker_link *link;
	bool gone;
};

struct engine {
	struct log log;
	struct conf conf;
	struct reactor *reactor;
	struct reactor_watch *orders, *journal_watch;
	struct reactor_timer *look;	/* at the queue, and for gone links */
	TAILQ_HEAD(, engine_link) links;
	uint64_t next_link;
	struct key_watch *keys;
	struct sealers *sealers;
	struct seal_queue queue;
	struct late_answers *late;
	int home;			/* the index of all keys, encoded; or -1 */
	uint64_t home_number;		/* of key_watch_number() */
	struct journal *journal;	/* to look into */
	struct journal_writer *writer;	/* to change */
};

/* Sends `words` to whom link number `link` belongs, with `passed` (taken
 * over), or -1. A worker that has gone wants no answer. */
void engine_answer(struct engine *engine, uint64_t link,
		   const struct answer *words, int passed);
/* The same with a 451. */
void engine_refuse(struct engine *engine, uint64_t link, uint64_t id,
		   const char *status, const char *text);

#endif
