/*
 * reactor - waits for descriptors, times and signals in the processes that
 * have few of them: the master, the policy engine. Over poll(2); one thread.
 * What is told of may take away any watch or timer, also its own.
 */
#ifndef LETTERLOCK_REACTOR_H
#define LETTERLOCK_REACTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reactor;
struct reactor_watch;
struct reactor_timer;

struct reactor *reactor_new(void);
/* After all its watches and timers are gone. */
void reactor_free(struct reactor *reactor);

void reactor_run(struct reactor *reactor);	/* until reactor_stop() */
void reactor_stop(struct reactor *reactor);

/* Milliseconds that only grow; as of this turn. */
uint64_t reactor_now(const struct reactor *reactor);

/*
 * Watches `fd`, which stays the caller's, for reading. An end or an error of
 * it counts as readable, even when reading is not wanted.
 */
struct reactor_watch *reactor_watch(struct reactor *reactor, int fd,
				    void (*ready)(void *owner, bool readable, bool writable),
				    void *owner);
void reactor_want(struct reactor_watch *watch, bool readable, bool writable);
void reactor_unwatch(struct reactor_watch *watch);	/* NULL is fine */

/* A timer that is not running; `fired` is called once for each start. */
struct reactor_timer *reactor_timer_new(struct reactor *reactor,
					void (*fired)(void *owner), void *owner);
void reactor_timer_start(struct reactor_timer *timer, uint64_t ms);
void reactor_timer_stop(struct reactor_timer *timer);
bool reactor_timer_runs(const struct reactor_timer *timer);
void reactor_timer_free(struct reactor_timer *timer);	/* NULL is fine */

/*
 * From now the `n` signals are blocked in this process, and `came` is called
 * for each that arrives. Once for a reactor. Who forks unblocks them.
 */
void reactor_signals(struct reactor *reactor, const int *numbers, size_t n,
		     void (*came)(void *owner, int number), void *owner);

#endif
