/*
 * room - a command that finds no room in the spool waits for some: as long as
 * clients bear it, by a timer, and holding none of it meanwhile. So whoever waits
 * keeps nobody else waiting.
 */
#ifndef LETTERLOCK_ROOM_H
#define LETTERLOCK_ROOM_H

#include <stdbool.h>
#include <stdint.h>

struct session;
struct spool_budget;
struct timer;

enum { ROOM_LONGEST = 15 * 1000 };	/* ms; mbsync gives up after 20 s, others later */

/* The patience of one command. Zeroed has not waited. */
struct room {
	struct timer *timer;	/* once it waited */
	const struct spool_budget *budget;
	uint64_t bytes;		/* what it waits for */
	uint64_t until;		/* loop_now; 0: it has not waited */
	bool impatient;		/* it waited in vain: never again */
	void (*go)(struct session *s);
	struct session *s;
};

/*
 * Waits for `bytes` in `budget` of `s` (both borrowed until room_drop()). `go` is called
 * from the loop when there is as much, or the time is over: it tries again, and ends
 * in session_turn(). False, and `go` is not called: it has waited ROOM_LONGEST, or
 * there will never be that.
 */
bool room_wait(struct room *room, struct session *s, const struct spool_budget *budget,
	       uint64_t bytes, void (*go)(struct session *s));
/* There was room: what comes next may wait as long again. */
void room_found(struct room *room);
/* Waits no more, `go` is not called; zeroed again. */
void room_drop(struct room *room);

#endif
