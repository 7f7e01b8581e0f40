/* conn_state - a conn from the inside, for conn and conn_turn only. */
#ifndef LETTERLOCK_CONN_STATE_H
#define LETTERLOCK_CONN_STATE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <letterlock/buf.h>
#include <letterlock/err.h>

#include "proxy/net/conn.h"
#include "proxy/net/loop.h"
#include "proxy/net/wire.h"

struct tls_engine;

/* In this order: whoever is CLOSING or behind has no owner any more. */
enum conn_state {
	CONN_DIALLING,	/* no socket yet */
	CONN_OPEN,
	CONN_BEFORE_TLS,	/* what was written in the clear goes out first */
	CONN_SHAKING,
	CONN_CLOSING,	/* without owner: sends what is left */
	CONN_LINGERING,	/* all is sent: reads until the peer ends too */
	CONN_DEAD,		/* gone by the end of the next turn */
};

struct conn {
	struct loop *loop;
	struct watch *watch;	/* NULL: no socket */
	struct timer *clock;
	struct loop_turn turn;
	enum conn_state state;
	struct wire wire;
	struct tls_engine *upgrade;	/* takes over next */
	struct buf in, out;		/* clear bytes */
	const struct conn_events *events;
	void *owner;

	bool reading;		/* conn_read() */
	bool filled;		/* not reading: `in` was full, or more may wait
				 * inside TLS; until `in` is below low water */
	bool blocked;		/* the kernel took not all that was written */
	bool secure;
	bool ended;		/* `closed` is due, with `why` */
	struct err *why;	/* NULL: the peer ended it properly */
	bool ready_due, bytes_due, was_full, drained_wanted;
	bool telling;		/* its owner: what is written then is seen behind that */
	size_t left;		/* bytes in `in` when grace_at was set */

	/* loop_now() at which something is to happen; 0: nothing */
	uint64_t deadline_at, ready_by, grace_at, close_by;
	uint64_t clock_at;	/* when the clock will go off, not later than these */

	void (*cancel)(void *dialler);
	void *dialler;
	void (*gone)(void *owner, const struct conn *conn);
	void *gone_owner;
	bool loopback;
	char peer[INET6_ADDRSTRLEN];
};

/* Sets up what conn_turn itself needs. */
void conn_turn_init(struct conn *conn, struct loop *loop);

/* The conn has something to do at the end of this turn. */
void conn_turn_ask(struct conn *conn);

/* Takes a connected socket over. */
void conn_turn_attach(struct conn *conn, int fd);

/* Writes what is there, now; what follows from it comes with the turn. */
void conn_turn_write(struct conn *conn);

/* To be called when one of the times above was set. */
void conn_turn_clock(struct conn *conn);

/* `closed` is due with `why`, unless another end was noted before. */
void conn_turn_end(struct conn *conn, const struct err *why);

/* No owner from here on: sends what is left, ends TLS properly, closes. */
void conn_turn_close(struct conn *conn);

/* Nothing from here on. The memory stays up to the end of the next turn, so
 * that callers up the stack may still look at `state`. */
void conn_turn_destroy(struct conn *conn);

#endif
