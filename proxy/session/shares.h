/*
 * shares - what each login may take of the spool: one that does not read what it asked
 * for, or does not end what it sends, must not keep others from reading and sending.
 */
#ifndef LETTERLOCK_SHARES_H
#define LETTERLOCK_SHARES_H

#include <stdint.h>

struct shares;
struct spool_budget;

/* What one session of a login takes from; each is a part of the budget. */
struct login_shares {
	struct spool_budget *reading;	/* for stored messages and views */
	struct spool_budget *listing;	/* for shapes */
	struct spool_budget *sending;	/* for a message of the client's, and its copies */
};

/*
 * Each login may hold `whole` bytes of `budget` (borrowed, outlives it): half of it in
 * what it reads, three quarters with what it sends and stores, or one message; and an
 * eighth in the shapes of messages, or one answer.
 */
struct shares *shares_new(struct spool_budget *budget, uint64_t whole);
void shares_free(struct shares *shares);

/*
 * The shares of `login`, with whoever else has them in any worker; the caller calls
 * shares_leave(). Shapes have one of their own: who waits for room for a message holds
 * them. Few logins have theirs in common with another one.
 */
void shares_enter(const struct shares *shares, const char *login, struct login_shares *entered);
/* Nothing is held of them any more. */
void shares_leave(struct login_shares *entered);

#endif
