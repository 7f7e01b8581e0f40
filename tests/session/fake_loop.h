/* fake_loop - turns and timers of a loop whose clock the test moves. */
#ifndef LETTERLOCK_TEST_FAKE_LOOP_H
#define LETTERLOCK_TEST_FAKE_LOOP_H

#include <stdint.h>

#include "proxy/net/loop.h"

struct timer {
	struct loop *loop;
	void (*fired)(void *owner);
	void *owner;
	uint64_t due;		/* 0: it does not run */
	struct timer *next;
};

struct loop {
	uint64_t now;
	struct loop_turn *turns;
	struct timer *timers;
};

/* The first that is due by now, which runs no more; NULL: none is. */
struct timer *fake_loop_due(struct loop *loop);

#endif
