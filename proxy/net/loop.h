/*
 * loop - the event loop and its timers, without libuv's types.
 */
#ifndef LETTERLOCK_LOOP_H
#define LETTERLOCK_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct spare;
struct uv_loop_s;

struct loop *loop_new(void);
/* Runs what is left of closing handles, then frees. */
void loop_free(struct loop *loop);
void loop_run(struct loop *loop);	/* until loop_stop, or nothing is left */
void loop_stop(struct loop *loop);

/* Milliseconds that only grow; as of this turn of the loop. */
uint64_t loop_now(const struct loop *loop);

struct timer;

/* A timer that is not running; `fired` is called once for each start. */
struct timer *timer_new(struct loop *loop, void (*fired)(void *owner),
			void *owner);
void timer_start(struct timer *timer, uint64_t ms);	/* restarts */
void timer_stop(struct timer *timer);
void timer_free(struct timer *timer);	/* never fires again; NULL is fine */

/* Calls `done` in a later turn of the loop (never at once). */
void loop_later(struct loop *loop, void (*done)(void *owner), void *owner);

/*
 * Work for the end of this turn, just before the loop waits: what several
 * events of one turn wrote goes out in one piece. Embedded in its owner.
 */
struct loop_turn {
	void (*run)(void *owner);	/* set these two once */
	void *owner;
	struct loop_turn *next, **link;	/* the loop's; NULL: not asked for */
};

/* Calls `run` once at the end of this turn. Asked for inside a `run`, it comes
 * at the end of the next turn, which then does not wait. */
void loop_turn_ask(struct loop *loop, struct loop_turn *turn);
void loop_turn_drop(struct loop_turn *turn);	/* not called any more */

/* Watches a descriptor (a channel) for what is wanted, at first nothing. After
 * an error on it both are told: the owner's next call on it says which. */
struct watch;
struct watch *watch_new(struct loop *loop, int fd,
			void (*ready)(void *owner, bool readable, bool writable),
			void *owner);
void watch_want(struct watch *watch, bool readable, bool writable);
void watch_free(struct watch *watch);	/* does not close fd */

/* Calls `came` for a signal number, for as long as the loop lives. */
void loop_signal(struct loop *loop, int number, void (*came)(void *owner),
		 void *owner);

/* The memory that its connections take turns with. */
struct spare *loop_spare(const struct loop *loop);

/* libuv's own loop, for the rooms that start child processes. */
struct uv_loop_s *loop_uv(struct loop *loop);

#endif
