#include "proxy/run/orphans.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <letterlock/span.h>

enum {
	TERM_WAIT = 1000,	/* ms until SIGTERM is followed by SIGKILL */
	KILL_WAIT = 2000,	/* ms in all */
	STEP = 10,
};

struct process {
	pid_t pid, parent, group, session;
};

void orphans_adopt(void)
{
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}

/* The number that `text` starts with, and what is behind it and a blank. */
static pid_t take_number(struct span *text)
{
	unsigned long long number = 0;
	struct span head = { 0 };

	if (span_split(text, ' ', &head))
		(void)span_number(head, &number);
	return (pid_t)number;
}

/* Reads /proc/PID/stat: "pid (name) state ppid pgrp session ...". */
static bool look(const char *pid, struct process *process)
{
	char path[64], text[512];
	struct span rest;
	const char *name_end;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	/* a name may hold anything, also ")": its last one counts */
	name_end = strrchr(text, ')');
	if (!name_end || strlen(name_end) < 5)
		return false;
	rest = span_str(text);
	process->pid = take_number(&rest);
	rest = span_str(name_end + 4);	/* behind ") S " */
	process->parent = take_number(&rest);
	process->group = take_number(&rest);
	process->session = take_number(&rest);
	return true;
}

/* Calls `each` for every child of this process; how many there are. */
static size_t children(void (*each)(void *owner, const struct process *child),
		       void *owner)
{
	DIR *all = opendir("/proc");
	struct process process;
	struct dirent *entry;
	size_t n = 0;

	while (all && (entry = readdir(all))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !look(entry->d_name, &process) || process.parent != getpid())
			continue;
		n++;
		each(owner, &process);
	}
	if (all)
		closedir(all);
	return n;
}

struct who {
	bool (*ours)(void *owner, pid_t pid);
	void *owner;
};

static void kill_stray(void *owner, const struct process *child)
{
	const struct who *who = owner;

	if (who->ours(who->owner, child->pid) || child->session == child->pid)
		return;
	/* of a group in which a sealer lives it is that sealer's, working */
	if (child->group <= 1 || child->group == getpgrp() ||
	    kill(child->group, 0) == 0 || errno != ESRCH)
		return;
	(void)kill(-child->group, SIGKILL);
}

void orphans_kill_strays(bool (*ours)(void *owner, pid_t pid), void *owner)
{
	struct who who = { ours, owner };

	children(kill_stray, &who);
}

static void send_signal(void *owner, const struct process *child)
{
	(void)kill(child->pid, *(const int *)owner);
}

/* Reaps what has ended within `ms`; true when no child is left. */
static bool reaped(int ms)
{
	const struct timespec step = { .tv_nsec = STEP * 1000000L };

	for (;; ms -= STEP) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid > 0)
			continue;
		if (ms <= 0)
			return false;
		(void)nanosleep(&step, NULL);
	}
}

void orphans_end(void)
{
	int number = SIGTERM;

	if (reaped(0))
		return;
	children(send_signal, &number);
	if (reaped(TERM_WAIT))
		return;
	number = SIGKILL;
	children(send_signal, &number);
	(void)reaped(KILL_WAIT - TERM_WAIT);
}
