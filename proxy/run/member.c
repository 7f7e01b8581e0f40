#include "proxy/run/member.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/run/child.h"
#include "policy/run/reactor.h"

enum {
	/* ms until one that died at start is started again: doubled each time */
	PAUSE_FIRST = 100,
	PAUSE_LAST = 5000,
};

struct member {
	struct member_setup setup;
	pid_t pid;
	int channel;			/* -1: it does not run */
	struct reactor_watch *watch;
	struct reactor_timer *again;
	bool ready, retired;
	uint64_t pause;
};

static void hang_up(struct member *member)
{
	reactor_unwatch(member->watch);
	member->watch = NULL;
	if (member->channel >= 0)
		close(member->channel);
	member->channel = -1;
}

static void on_order(struct member *member, const struct orders *orders)
{
	if (orders->kind == ORDERS_READY) {
		member->ready = true;
		member->pause = 0;
		member->setup.ready(member->setup.owner, member, orders->number);
	} else if (orders->kind == ORDERS_CANNOT) {
		member->setup.cannot(member->setup.owner, member, orders->text);
	} else if (orders->kind == ORDERS_CLOSED && member->retired &&
		   member->setup.closed) {
		member->setup.closed(member->setup.owner, member);
	} else {
		log_error(member->setup.log, "child said what no child says", "role=%s",
			  member->setup.role);
		member_kill(member);
	}
}

/* Takes one word of the child's; false when there is none. */
static bool take_order(struct member *member)
{
	struct orders orders;
	struct err err = { 0 };
	int passed;

	if (member->channel < 0)
		return false;
	switch (orders_receive(member->channel, &orders, &passed, &err)) {
	case CHANNEL_DONE:
		if (passed >= 0)
			close(passed);
		on_order(member, &orders);
		return true;
	case CHANNEL_AGAIN:
		return false;
	case CHANNEL_CLOSED:
	case CHANNEL_FAILED:
		/* it is about to die; its end tells how */
		hang_up(member);
		return false;
	}
	return false;
}

static void on_channel(void *owner, bool readable, bool writable)
{
	(void)readable;
	(void)writable;
	while (take_order(owner))
		;
}

/* "letterlock", role, arguments, NULL; the array is the caller's. */
static const char **command(const struct member *member)
{
	const struct strs *arguments = &member->setup.arguments;
	const char **argv = mem_new((arguments->n + 3) * sizeof(*argv));

	argv[0] = "letterlock";
	argv[1] = member->setup.role;
	for (size_t i = 0; i < arguments->n; i++)
		argv[2 + i] = arguments->at[i];
	return argv;
}

static pid_t start_process(const struct member *member, int end, struct err *err)
{
	int fds[MEMBER_FDS_MAX + 1];
	const char **argv = command(member);
	struct child_setup setup = {
		.argv = argv, .fds = fds, .fds_n = member->setup.fds_n + 1,
		.account = member->setup.account,
	};
	pid_t pid;

	fds[0] = end;
	memcpy(fds + 1, member->setup.fds, member->setup.fds_n * sizeof(*fds));
	pid = child_start(&setup, err);
	free(argv);
	return pid;
}

static void start_later(struct member *member)
{
	reactor_timer_start(member->again, member->pause);
	member->pause = member->pause ? member->pause * 2 : PAUSE_FIRST;
	if (member->pause > PAUSE_LAST)
		member->pause = PAUSE_LAST;
}

static void on_again(void *owner)
{
	struct member *member = owner;
	struct err err = { 0 };
	int ends[2];

	member->pid = 0;
	member->ready = false;
	if (channel_pair(ends, &err) == 0) {
		member->pid = start_process(member, ends[1], &err);
		close(ends[1]);
		if (member->pid <= 0)
			close(ends[0]);
	}
	if (member->pid <= 0) {
		member->pid = 0;
		log_error(member->setup.log, "child not started", "role=%s reason=\"%s\"",
			  member->setup.role, err.text);
		start_later(member);
		return;
	}
	member->channel = ends[0];
	member->watch = reactor_watch(member->setup.reactor, ends[0], on_channel,
				      member);
	member->setup.started(member->setup.owner, member);
}

struct member *member_new(const struct member_setup *setup)
{
	struct member *member = mem_new(sizeof(*member));

	member->setup = *setup;
	member->channel = -1;
	member->again = reactor_timer_new(setup->reactor, on_again, member);
	reactor_timer_start(member->again, 0);
	return member;
}

void member_free(struct member *member)
{
	if (!member)
		return;
	member_kill(member);
	hang_up(member);
	reactor_timer_free(member->again);
	strs_free(&member->setup.arguments);
	free(member);
}

pid_t member_pid(const struct member *member)
{
	return member->pid;
}

bool member_ready(const struct member *member)
{
	return member->pid && member->ready;
}

const char *member_role(const struct member *member)
{
	return member->setup.role;
}

void member_order(struct member *member, enum orders_kind kind, uint64_t number,
		  int passed)
{
	struct err err = { 0 };

	if (member->channel < 0 ||
	    orders_send(member->channel, kind, number, NULL, passed, &err) == 0)
		return;
	log_error(member->setup.log, "child does not listen", "role=%s reason=\"%s\"",
		  member->setup.role, err.text);
	member_kill(member);
}

void member_retire(struct member *member)
{
	member->retired = true;
	reactor_timer_stop(member->again);
}

void member_kill(struct member *member)
{
	if (member->pid)
		(void)kill(member->pid, SIGKILL);
}

static void log_end(const struct member *member, int status)
{
	const struct log *log = member->setup.log;

	if (member->retired && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		log_debug(log, "child ended", "role=%s pid=%d", member->setup.role,
			  (int)member->pid);
	else if (WIFSIGNALED(status))
		log_warning(log, "child died", "role=%s pid=%d signal=%d",
			    member->setup.role, (int)member->pid, WTERMSIG(status));
	else
		log_warning(log, "child died", "role=%s pid=%d status=%d",
			    member->setup.role, (int)member->pid, WEXITSTATUS(status));
}

bool member_ended(struct member *member, pid_t pid, int status)
{
	if (pid != member->pid || pid == 0)
		return false;
	/* what it said last is read before it is gone */
	while (take_order(member))
		;
	hang_up(member);
	log_end(member, status);
	if (!member->retired) {
		if (member->ready)
			member->pause = 0;
		else if (!member->pause)
			member->pause = PAUSE_FIRST;
		start_later(member);
	}
	member->pid = 0;
	member->ready = false;
	member->setup.died(member->setup.owner, member);
	return true;
}
