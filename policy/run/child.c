#include "policy/run/child.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

enum { FDS_MAX = 512, FAILED = 127 };

int child_account(const char *name, struct child_account *account,
		  struct err *err)
{
	const struct passwd *found;

	*account = (struct child_account){ .drop = false };
	if (!name || geteuid() != 0)
		return 0;
	found = getpwnam(name);
	if (!found)
		return err_set(err, ERR_CONF, "there is no account %s", name);
	account->drop = true;
	account->uid = found->pw_uid;
	account->gid = found->pw_gid;
	account->groups_n = sizeof(account->groups) / sizeof(*account->groups);
	if (getgrouplist(name, found->pw_gid, account->groups, &account->groups_n) < 0)
		return err_set(err, ERR_CONF, "the account %s is in too many groups", name);
	snprintf(account->home, sizeof(account->home), "%s", found->pw_dir);
	return 0;
}

/* --- in the child, between fork and exec: nothing that takes a lock --- */

static void reset_signals(void)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ };
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		(void)sigaction(number, &action, NULL);
	action.sa_handler = SIG_IGN;
	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		(void)sigaction(ignored[i], &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Puts the descriptors at their numbers and closes all others. */
static int place_descriptors(const struct child_setup *setup)
{
	int high[FDS_MAX], null, after = CHILD_FIRST_FD + (int)setup->fds_n;

	if (setup->fds_n > FDS_MAX)
		return -1;
	/* out of the way first: one may stand where another is to go */
	for (size_t i = 0; i < setup->fds_n; i++) {
		high[i] = fcntl(setup->fds[i], F_DUPFD, after);
		if (high[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < setup->fds_n; i++)
		if (dup2(high[i], CHILD_FIRST_FD + (int)i) < 0)
			return -1;
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		return -1;
	return close_range((unsigned)after, ~0U, 0);
}

int child_become(const struct child_account *account)
{
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	if (!account || !account->drop)
		return 0;
	if (setgroups((size_t)account->groups_n, account->groups) < 0 ||
	    setresgid(account->gid, account->gid, account->gid) < 0 ||
	    setresuid(account->uid, account->uid, account->uid) < 0)
		return -1;
	if (getresuid(&real, &effective, &saved) < 0 ||
	    getresgid(&real_group, &effective_group, &saved_group) < 0)
		return -1;
	if (real != account->uid || effective != account->uid ||
	    saved != account->uid || real_group != account->gid ||
	    effective_group != account->gid || saved_group != account->gid)
		return -1;
	return account->uid != 0 && setuid(0) == 0 ? -1 : 0;
}

static void say(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
}

static void run(const struct child_setup *setup, pid_t parent, char **environment)
{
	if (setup->own_group)
		(void)setpgid(0, 0);
	reset_signals();
	if (place_descriptors(setup) < 0) {
		say("letterlock: error: child's descriptors could not be placed\n");
		_exit(FAILED);
	}
	if (child_become(setup->account) < 0) {
		say("letterlock: error: privileges could not be dropped\n");
		_exit(FAILED);
	}
	/* after the change of identity, which takes it away */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(FAILED);
	execve("/proc/self/exe", (char **)setup->argv, environment);
	say("letterlock: error: /proc/self/exe could not be run\n");
	_exit(FAILED);
}

/* --- in the parent --- */

extern char **environ;

/* glibc's free() overwrites what it frees (with this octet), but not what it
 * keeps in its cache of each thread: so none is kept there. */
#define TUNABLES "GLIBC_TUNABLES"
static const char FORGETFUL[] = TUNABLES "=glibc.malloc.tcache_count=0:glibc.malloc.perturb=90";

/* Ours without what is only the master's, and with the account's home. The
 * array and *home are the caller's. */
static char **environment_for(const struct child_setup *setup, char **home)
{
	const struct child_account *account = setup->account;
	char **list;
	size_t n = 0, to = 0;

	*home = account && account->drop ? mem_printf("HOME=%s", account->home) : NULL;
	while (environ[n])
		n++;
	list = mem_new((n + 3) * sizeof(*list));
	for (size_t i = 0; i < n; i++) {
		if (strncmp(environ[i], "NOTIFY_SOCKET=", 14) == 0 ||
		    (*home && strncmp(environ[i], "HOME=", 5) == 0) ||
		    (setup->forgetful &&
		     strncmp(environ[i], FORGETFUL, sizeof(TUNABLES)) == 0))
			continue;
		list[to++] = environ[i];
	}
	if (setup->forgetful)
		list[to++] = (char *)FORGETFUL;
	list[to] = *home;
	return list;
}

pid_t child_start(const struct child_setup *setup, struct err *err)
{
	pid_t self = getpid(), pid;
	char *home, **environment = environment_for(setup, &home);

	pid = fork();
	if (pid == 0)
		run(setup, self, environment);
	if (pid < 0)
		err_errno(err, ERR_TEMP, errno, "starting %s", setup->argv[1]);
	else if (setup->own_group)
		(void)setpgid(pid, pid);	/* whoever of us comes first */
	free(environment);
	free(home);
	return pid;
}

void child_harden(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__)	/* which looks for leaks with ptrace(2) */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	umask(077);
}

void child_spare_memory(void)
{
	enum { SPARE = 256 * 1024 };

	(void)mallopt(M_TOP_PAD, SPARE);
	(void)mallopt(M_TRIM_THRESHOLD, 16 * SPARE);
	(void)mallopt(M_MMAP_THRESHOLD, 4 * SPARE);
}

void child_wake_politely(void)
{
	const struct sched_param none = { 0 };

	if (sched_getscheduler(0) == SCHED_OTHER)
		(void)sched_setscheduler(0, SCHED_BATCH, &none);
}

void child_forget_environment(void)
{
	(void)unsetenv(TUNABLES);
}

/* Few messages need more of the stack than NEAR. */
enum { NEAR = 128 * 1024, OVERLAP = 8 * 1024, FAR = 8 * 1024 * 1024 };

/* The pages of the stack behind that go back to the kernel: never deep enough
 * to be those that we stand on. */
static __attribute__((noinline)) void drop_far(void)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);

	here = (here - NEAR + OVERLAP) & ~(page - 1);
	/* ENOMEM: part of it was never in use */
	(void)madvise((void *)(here - FAR), FAR, MADV_DONTNEED);
}

static __attribute__((noinline)) void wipe_near(void)
{
	char near[NEAR];

	explicit_bzero(near, sizeof(near));
}

void child_forget_stack(void)
{
	drop_far();
	wipe_near();
}
