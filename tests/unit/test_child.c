#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/run/child.h"
#include "policy/run/orders.h"

/* --- what the child does: this program again, with a word --- */

/* A letter for each thing that is as it should be, to the first descriptor. */
static int report(void)
{
	char seen[16];
	size_t n = 0;
	DIR *open_ones = opendir("/proc/self/fd");
	unsigned others = 0;
	struct dirent *entry;
	struct sigaction action;
	sigset_t blocked;

	while ((entry = readdir(open_ones)))
		if (entry->d_name[0] != '.' && strtol(entry->d_name, NULL, 10) > 4 &&
		    strtol(entry->d_name, NULL, 10) != dirfd(open_ones))
			others++;
	closedir(open_ones);
	seen[n++] = others == 0 ? 'f' : '-';
	sigaction(SIGTERM, NULL, &action);
	sigprocmask(SIG_SETMASK, NULL, &blocked);
	seen[n++] = action.sa_handler == SIG_IGN && !sigismember(&blocked, SIGCHLD) ? 's' : '-';
	seen[n++] = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 'p' : '-';
	seen[n++] = getpgrp() == getpid() ? 'g' : '-';
	seen[n++] = getenv("NOTIFY_SOCKET") ? '-' : 'e';
	seen[n++] = geteuid() == 0 ? 'r' : setuid(0) < 0 && errno == EPERM ? 'u' : '-';
	return write(CHILD_FIRST_FD, seen, n) == (ssize_t)n ? 0 : 1;
}

/* Starts a child that waits for ever, says its number and dies. */
static int parent(void)
{
	const char *argv[] = { "test", "@wait", NULL };
	const int fds[] = { CHILD_FIRST_FD };
	struct child_setup setup = { .argv = argv, .fds = fds, .fds_n = 1 };
	struct err err = { 0 };
	pid_t pid = child_start(&setup, &err);

	if (write(CHILD_FIRST_FD, &pid, sizeof(pid)) != sizeof(pid))
		return 1;
	kill(getpid(), SIGKILL);
	return 1;
}

/* --- the tests --- */

static pid_t start(const char *word, int *pipe_end, const struct child_account *account)
{
	const char *argv[] = { "test", word, NULL };
	int ends[2], fds[2];
	struct child_setup setup = { .argv = argv, .fds = fds, .fds_n = 2,
				     .account = account, .own_group = true };
	struct err err = { 0 };
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	/* each stands where the other is to go */
	fds[0] = ends[1];
	fds[1] = ends[0];
	pid = child_start(&setup, &err);
	assert_true(pid > 0);
	close(ends[1]);
	*pipe_end = ends[0];
	return pid;
}

static void reports(const struct child_account *account, const char *want)
{
	char seen[16] = { 0 };
	int end, status;
	pid_t pid = start("@report", &end, account);

	assert_int_equal(read(end, seen, sizeof(seen) - 1), strlen(want));
	waitpid(pid, &status, 0);
	assert_string_equal(seen, want);
	assert_int_equal(status, 0);
	close(end);
}

static void a_child_has_what_it_is_given_and_nothing_else(void **state)
{
	int stray = open("/dev/null", O_RDONLY);	/* not close-on-exec */

	(void)state;
	setenv("NOTIFY_SOCKET", "/nowhere", 1);
	reports(NULL, geteuid() == 0 ? "fspger" : "fspgeu");
	unsetenv("NOTIFY_SOCKET");
	close(stray);
}

static void a_child_of_root_is_somebody_else_for_good(void **state)
{
	struct child_account account;
	struct err err = { 0 };

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(child_account("nobody", &account, &err), 0);
	assert_true(account.drop);
	reports(&account, "fspgeu");
	assert_int_equal(child_account(NULL, &account, &err), 0);
	assert_false(account.drop);
	assert_int_equal(child_account("there is no such account", &account, &err), -1);
	assert_int_equal(err.kind, ERR_CONF);
}

static void a_child_ends_with_its_parent_however_that_ends(void **state)
{
	int end, status;
	pid_t pid = start("@parent", &end, NULL), grandchild;
	char byte;

	(void)state;
	assert_int_equal(read(end, &grandchild, sizeof(grandchild)), sizeof(grandchild));
	assert_true(grandchild > 0);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	/* the grandchild has the pipe: it ends when that process does */
	assert_int_equal(read(end, &byte, 1), 0);
	close(end);
}

static void orders_travel_whole_with_a_descriptor(void **state)
{
	struct orders orders;
	struct err err = { 0 };
	int ends[2], passed, given = open("/dev/null", O_RDONLY);

	(void)state;
	assert_int_equal(channel_pair(ends, &err), 0);
	assert_int_equal(orders_send(ends[0], ORDERS_LINK, 1ULL << 40, "why", given, &err), 0);
	assert_int_equal(orders_receive(ends[1], &orders, &passed, &err), CHANNEL_DONE);
	assert_int_equal(orders.kind, ORDERS_LINK);
	assert_true(orders.number == 1ULL << 40);
	assert_string_equal(orders.text, "why");
	assert_true(passed >= 0);
	close(passed);
	assert_int_equal(channel_send(ends[0], span_str("short"), given, &err), CHANNEL_DONE);
	assert_int_equal(orders_receive(ends[1], &orders, &passed, &err), CHANNEL_FAILED);
	assert_int_equal(passed, -1);
	close(ends[0]);
	assert_int_equal(orders_receive(ends[1], &orders, &passed, &err), CHANNEL_CLOSED);
	assert_int_equal(orders_send(ends[1], ORDERS_READY, 0, NULL, -1, &err), -1);
	close(ends[1]);
	close(given);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_has_what_it_is_given_and_nothing_else),
		cmocka_unit_test(a_child_of_root_is_somebody_else_for_good),
		cmocka_unit_test(a_child_ends_with_its_parent_however_that_ends),
		cmocka_unit_test(orders_travel_whole_with_a_descriptor),
	};

	if (argc > 1 && strcmp(argv[1], "@report") == 0)
		return report();
	if (argc > 1 && strcmp(argv[1], "@parent") == 0)
		return parent();
	if (argc > 1 && strcmp(argv[1], "@wait") == 0)
		for (;;)
			pause();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
