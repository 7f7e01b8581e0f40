/*
 * member - one child of the master, supervised: started, told what to do,
 * started again when it dies (at once; after a growing while when it dies
 * before it was ready).
 */
#ifndef LETTERLOCK_MEMBER_H
#define LETTERLOCK_MEMBER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <letterlock/log.h>
#include <letterlock/strs.h>

#include "policy/run/orders.h"

struct child_account;
struct member;
struct reactor;

enum { MEMBER_FDS_MAX = 512 };

struct member_setup {
	struct reactor *reactor;
	const struct log *log;
	const struct child_account *account;
	const char *role;		/* "@worker" */
	struct strs arguments;		/* behind it; taken over */
	int fds[MEMBER_FDS_MAX];	/* behind the channel; borrowed */
	size_t fds_n;
	/* What happens to it. After `started` it can be given orders. */
	void (*started)(void *owner, struct member *member);
	void (*ready)(void *owner, struct member *member, uint64_t number);
	void (*cannot)(void *owner, struct member *member, const char *why);
	/* It was told ORDERS_RETIRE and accepts no more. NULL: it never does. */
	void (*closed)(void *owner, struct member *member);
	void (*died)(void *owner, struct member *member);
	void *owner;
};

/* Starts it as soon as the reactor runs. The setup is copied. */
struct member *member_new(const struct member_setup *setup);
void member_free(struct member *member);	/* SIGKILL when it still runs */

/* 0: it does not run. */
pid_t member_pid(const struct member *member);
bool member_ready(const struct member *member);	/* runs and said so */
const char *member_role(const struct member *member);

/* Nothing when it does not run; one that does not listen is killed. */
void member_order(struct member *member, enum orders_kind kind, uint64_t number,
		  int passed);

/* From now, it is not started again. */
void member_retire(struct member *member);
void member_kill(struct member *member);

/* For who waits for children: `pid` ended with `status`. False when that was
 * not this one. */
bool member_ended(struct member *member, pid_t pid, int status);

#endif
