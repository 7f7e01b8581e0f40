/*
 * orders - what the master and its children say to each other over the
 * channel that each child has as its first descriptor. The end of the channel
 * is the end of the other side.
 */
#ifndef LETTERLOCK_ORDERS_H
#define LETTERLOCK_ORDERS_H

#include <stdint.h>

#include <letterlock/channel.h>
#include <letterlock/err.h>

/* Where a child finds what it inherits. A worker's listeners follow. */
enum {
	ORDERS_CHANNEL = 3,
	ORDERS_SNAPSHOT = 4,
	ORDERS_BUDGET = 5,	/* workers */
	ORDERS_LISTENERS = 6,	/* workers: one for each of the settings */
};

enum orders_kind {
	/* from the child */
	ORDERS_READY = 'r',	/* it works */
	ORDERS_CANNOT = 'c',	/* `text` says what the administrator must mend;
				 * it ends */
	ORDERS_CLOSED = 'x',	/* workers, after ORDERS_RETIRE: it accepts no more */
	/* from the master */
	ORDERS_LINK = 'l',	/* beside it: an end of a channel between a worker
				 * and the engine; `number`: the worker */
	ORDERS_ACCEPT = 'a',	/* workers: connections; before that they take none */
	ORDERS_RETIRE = 'o',	/* workers: no new connections; end with the last
				 * session that is there */
	ORDERS_DRAIN = 'd',	/* finish within `number` ms, then end; the engine,
				 * whose workers have all gone: at once */
};

struct orders {
	enum orders_kind kind;
	uint64_t number;
	char text[2048];
};

/* These never wait: a channel that takes no more has failed. */
int orders_send(int fd, enum orders_kind kind, uint64_t number,
		const char *text, int passed, struct err *err);

/* As channel_receive(); a message that is none is CHANNEL_FAILED. */
enum channel_result orders_receive(int fd, struct orders *orders, int *passed,
				   struct err *err);

#endif
