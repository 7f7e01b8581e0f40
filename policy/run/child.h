/*
 * child - makes a process of this program's: its own executable with a hidden
 * subcommand ("@worker"), descriptors at known numbers and nothing else that
 * is open, as an account without privileges.
 */
#ifndef LETTERLOCK_CHILD_H
#define LETTERLOCK_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <letterlock/err.h>

enum { CHILD_FIRST_FD = 3 };

/* Whom to run as. */
struct child_account {
	bool drop;		/* false: as who we are */
	uid_t uid;
	gid_t gid;
	gid_t groups[64];
	int groups_n;
	char home[256];
};

/* Looks `name` up. NULL, or not being root, gives one that drops nothing. -1
 * with `err` (ERR_CONF) when there is no such account. */
int child_account(const char *name, struct child_account *account,
		  struct err *err);

/*
 * Becomes that account for good, and makes sure that it did. 0 also when there
 * is nothing to drop; after -1 the process must end. Takes no lock.
 */
int child_become(const struct child_account *account);

struct child_setup {
	const char *const *argv;	/* "letterlock", "@worker", ..., NULL */
	const int *fds;		/* become CHILD_FIRST_FD and up, inherited */
	size_t fds_n;
	const struct child_account *account;	/* NULL: as who we are */
	bool own_group;		/* a process group of its own */
	bool forgetful;		/* it overwrites the memory that it frees */
};

/*
 * Starts it. It ends when the thread that calls this ends (SIGKILL), has
 * every signal unblocked, and ignores SIGINT, SIGTERM and SIGHUP: it is told
 * over its channel what to do, however a terminal or systemd signals the whole
 * group. It ignores SIGPIPE and SIGXFSZ, too: those are errors where they
 * happen. -1 with `err` (ERR_TEMP).
 */
pid_t child_start(const struct child_setup *setup, struct err *err);

/* For every process of ours, first of all: no core, nobody may look into its
 * memory, files are nobody else's, no new privileges. */
void child_harden(void);

/*
 * Wakes up behind who is at work, not in its place: what it is woken for is more by
 * then, and is done in one go. Only where nobody chose another way to be scheduled.
 */
void child_wake_politely(void);

/*
 * Overwrites what calls that have returned left on the stack. What they left on
 * the heap was overwritten when it was freed, if child_setup said so; what
 * child_start() put into the environment for that is taken out, which is for
 * the processes that we start in turn.
 */
void child_forget_stack(void);
void child_forget_environment(void);

/*
 * For a process whose buffers come and go with each message: keeps some
 * hundred KiB rather than ask the kernel for them and give them back each time
 * (seven calls of brk(2) a message otherwise).
 */
void child_spare_memory(void);

#endif
