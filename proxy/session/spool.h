/*
 * spool - the bytes of one message in memory (a memfd), counted against the
 * gateway-wide `spool-memory`. Never on a disk, never in a log.
 */
#ifndef LETTERLOCK_SPOOL_H
#define LETTERLOCK_SPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/err.h>
#include <letterlock/span.h>

/* The count that all workers share: one page that the master made. A slot a
 * worker, so that the master can give back what a dead one held. */
struct spool_budget;

enum {
	SPOOL_SLACK = 48 * 1024 * 1024,
	SPOOL_SHARES = 1024,
};

/* For the master: makes the page for `slots` workers; `fd` is inherited. */
int spool_budget_new(uint64_t limit, unsigned slots, int *fd, struct err *err);
/* Maps it; a worker names its slot. */
struct spool_budget *spool_budget_open(int fd, unsigned slot, struct err *err);
/*
 * A part of `budget`: who takes from it takes from both, and all that have share
 * `number` (below SPOOL_SHARES), in whatever worker, together hold `most` bytes, or
 * one thing of whatever size: a spool, or with `one` all that is taken through this
 * part. Closed before `budget`, with nothing of it held.
 */
struct spool_budget *spool_budget_share(struct spool_budget *budget, unsigned number,
					uint64_t most, bool one);
/* The same for all workers of a gateway, and not known to anybody outside. */
uint32_t spool_budget_seed(const struct spool_budget *budget);
void spool_budget_close(struct spool_budget *budget);
/* For the master: gives back all that `slot` held. */
void spool_budget_reclaim(struct spool_budget *budget, unsigned slot);
/* For the master: another limit from now on. What is held beyond it stays. */
void spool_budget_limit(struct spool_budget *budget, uint64_t limit);
/* The limit: more than that is never free. */
uint64_t spool_budget_whole(const struct spool_budget *budget);
uint64_t spool_budget_free_bytes(const struct spool_budget *budget);
/* Takes `bytes` if that stays within the limit; false when it would not. */
bool spool_budget_take(struct spool_budget *budget, uint64_t bytes);
/*
 * As spool_budget_take(), for what is made of a message that is in the spool
 * already: it may pass the limit by SPOOL_SLACK in all, so that a message of
 * the size of the whole budget can still be sealed.
 */
bool spool_budget_take_output(struct spool_budget *budget, uint64_t bytes);
void spool_budget_give(struct spool_budget *budget, uint64_t bytes);

struct spool;

struct spool *spool_new(struct spool_budget *budget, struct err *err);
void spool_free(struct spool *spool);	/* gives its bytes back */

/* Takes what `bytes` in all need at once. -1 with ERR_TEMP: there is not as much. */
int spool_reserve(struct spool *spool, uint64_t bytes, struct err *err);

/* `bytes` were taken by spool_budget_take_output() for what will be made of it: as much,
 * within SPOOL_SLACK, its own may pass the limit, so that a message of the size of the
 * whole budget comes in besides. */
void spool_beside(struct spool *spool, uint64_t bytes);

/* Appends. -1 with ERR_TEMP when the budget is used up. */
int spool_put(struct spool *spool, struct span bytes, struct err *err);
uint64_t spool_size(const struct spool *spool);

/* The descriptor, for reading at offsets once it is finished; the spool keeps
 * it. */
int spool_descriptor(const struct spool *spool);

/* The descriptor, made read-only for good (sealed); the spool keeps it. */
int spool_finish(struct spool *spool, struct err *err);

#endif
