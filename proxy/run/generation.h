/*
 * generation - the children that run on one reading of the configuration: a
 * policy engine and the network workers, linked with each other. A reload
 * makes a new one; the old one finishes what it has in hand.
 */
#ifndef LETTERLOCK_GENERATION_H
#define LETTERLOCK_GENERATION_H

#include <stdbool.h>
#include <sys/types.h>

#include <letterlock/err.h>
#include <letterlock/log.h>

struct generation;
struct reactor;
struct slots;
struct snapshot;
struct sockets;
struct states;
struct conf;

/* ms: an idle client is gone by then, one that sends on and on is told 421
 * between two messages, and comes back to the new configuration */
enum { GENERATION_RETIRED = 5 * 60 * 1000 };

/* ms that are waited for the word of a retired worker that it accepts no more */
enum { GENERATION_CLOSING = 3000 };

struct generation_setup {
	struct reactor *reactor;
	const struct log *log;
	struct sockets *sockets;
	struct slots *slots;
	struct states *states;
	const char *path;		/* of the configuration, as conf_load had it */
	const struct snapshot *snapshot;
	const struct conf *conf;	/* read from that */
	/* All work, told once; generation_open() is next. */
	void (*ready)(void *owner, struct generation *generation);
	/* Before that: it will never be, and `why` says what is to be mended. */
	void (*failed)(void *owner, struct generation *generation, const char *why);
	/* After generation_retire(), told once, perhaps before that returns: no
	 * worker of it accepts any more, or (which is logged) one did not say so
	 * within GENERATION_CLOSING. */
	void (*closed)(void *owner, struct generation *generation);
	/* After generation_retire() or generation_drain(): the last child has gone. */
	void (*over)(void *owner, struct generation *generation);
	void *owner;
};

/* Binds, holds the state and starts. NULL with `err` (ERR_CONF, ERR_TEMP). What `setup` points
 * to under `conf` and `snapshot` is not needed any more on return. */
struct generation *generation_new(const struct generation_setup *setup,
				  struct err *err);
/* Kills what runs. Not from inside `ready`, `failed`, `closed` and `over`. */
void generation_free(struct generation *generation);

/*
 * After `ready`: its workers take connections, and so do those that are started in
 * the place of one that died. Before that none does: a generation that turns out not
 * to work, or that nobody needs any more, has nobody's connection to lose.
 */
void generation_open(struct generation *generation);

/* Another one has taken its place: no new connections; the sessions that are
 * there go on, for GENERATION_RETIRED at most: then generation_drain(). */
void generation_retire(struct generation *generation);

/* Lets it finish: no new connections, at most `drain-timeout` for those that
 * are there. */
void generation_drain(struct generation *generation);
/* Ends it at once. */
void generation_kill(struct generation *generation);

/* For who waits for children. False when `pid` was none of these. */
bool generation_ended(struct generation *generation, pid_t pid, int status);
bool generation_has(const struct generation *generation, pid_t pid);

#endif
