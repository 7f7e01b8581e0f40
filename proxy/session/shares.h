/*
 * shares - what each login's reading may take of the spool: one that does not read
 * what it asked for must not keep others from reading.
 */
#ifndef LETTERLOCK_SHARES_H
#define LETTERLOCK_SHARES_H

#include <stdint.h>

struct shares;
struct spool_budget;

/* Each login may hold `most` bytes of `budget` (borrowed, outlives it), or one message;
 * and of the shapes of messages a quarter of that, or one answer. */
struct shares *shares_new(struct spool_budget *budget, uint64_t most);
void shares_free(struct shares *shares);

/*
 * The share of `login`, with whoever else has it in any worker; the caller closes
 * both with spool_budget_close(). Shapes have one of their own: who waits for room
 * for a message holds them. Few logins have theirs in common with another one.
 */
struct spool_budget *shares_enter(const struct shares *shares, const char *login,
				  struct spool_budget **shapes);

#endif
