/*
 * shares - what each login's reading may take of the spool in a worker: one that
 * does not read what it asked for must not keep others from reading.
 */
#ifndef LETTERLOCK_SHARES_H
#define LETTERLOCK_SHARES_H

#include <stdint.h>

struct shares;
struct spool_budget;

/* Each may hold `most` bytes of `budget` (borrowed, outlives it), or one message; and
 * of the shapes of messages a quarter of that, or one answer. */
struct shares *shares_new(struct spool_budget *budget, uint64_t most);
/* Nobody has one any more. NULL is fine. */
void shares_free(struct shares *shares);

/*
 * The share of `login`, whoever else has it; until shares_leave(). Shapes have one of
 * their own: who waits for room for a message holds them.
 */
struct spool_budget *shares_enter(struct shares *shares, const char *login,
				  struct spool_budget **shapes);
/* Nothing of it is held by the caller. */
void shares_leave(struct shares *shares, const char *login);

#endif
