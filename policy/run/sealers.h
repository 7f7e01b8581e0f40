/*
 * sealers - the sealer processes of the policy engine: gives each one
 * message at a time, kills one (and all that it started) that takes too long,
 * and starts another in the place of one that died. One more is kept for what is
 * quick: who lists a mailbox waits neither for messages that are long in the
 * making nor for a gpg-agent that hangs.
 */
#ifndef LETTERLOCK_SEALERS_H
#define LETTERLOCK_SEALERS_H

#include <stdbool.h>
#include <stdint.h>

#include <letterlock/ask.h>
#include <letterlock/log.h>

#include "policy/run/seal_queue.h"

struct reactor;
struct sealers;

struct sealers_setup {
	struct reactor *reactor;
	const struct log *log;
	unsigned n;	/* that take messages */
	/* ms: how long one message may take, besides so much a MiB; and a list */
	uint64_t message_wait, mib_wait, list_wait;
	const char *path;	/* of the configuration */
	int snapshot;
	/* One can take something. */
	void (*idle)(void *owner);
	/* The answer to `job`; NULL when its sealer died of it or was killed.
	 * `passed` is the callee's. True: the callee has taken `job` over;
	 * otherwise it is gone after it. */
	bool (*sealed)(void *owner, struct seal_job *job, struct answer *answer,
		       int passed);
	/* The keys that sealers_list() asked for are in `fd`, the callee's, or
	 * it is -1 and `why` says why. */
	void (*listed)(void *owner, int fd, const char *why);
	void *owner;
};

/* The setup is copied, what it points to is borrowed. */
struct sealers *sealers_new(const struct sealers_setup *setup);
/* Ends all, kills what does not want to. Jobs are gone without a word. */
void sealers_free(struct sealers *sealers);

/* Whether one can take a message, or (`quick`) at least what is quick. */
bool sealers_idle(const struct sealers *sealers, bool quick);

/*
 * Gives `job` (taken over) to an idle one, which is there, with the keys in the memory file
 * `keys` (the caller's), which were read at `when`: all of the home (`whole`), or
 * those that the message needs.
 */
void sealers_seal(struct sealers *sealers, struct seal_job *job, int keys, bool whole,
		  uint64_t when);

/* Has all keys read, before any message that waits. One at a time. */
void sealers_list(struct sealers *sealers);

/* For who gets SIGCHLD: looks which have ended. */
void sealers_reap(struct sealers *sealers);

#endif
