#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/run/orphans.h"

/* What a child of ours leaves behind. */
struct left {
	pid_t leader;		/* of the group, or -1 when it has ended */
	pid_t orphan;
};

/*
 * Starts a process that leads a group and starts another in it, which says
 * its number and waits for ever. Unless `lives`, the first one then ends.
 * `daemon` gives the second one a session of its own.
 */
static struct left leave(bool lives, bool daemon)
{
	struct left left;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	left.leader = fork();
	if (left.leader == 0) {
		setpgid(0, 0);
		if (fork() == 0) {
			pid_t self = getpid();

			if (daemon)
				setsid();
			if (write(ends[1], &self, sizeof(self)) < 0)
				_exit(1);
			for (;;)
				pause();
		}
		while (lives)
			pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &left.orphan, sizeof(left.orphan)),
			 sizeof(left.orphan));
	close(ends[0]);
	close(ends[1]);
	if (!lives) {
		waitpid(left.leader, NULL, 0);
		left.leader = -1;
	}
	return left;
}

static bool runs(pid_t pid)
{
	return kill(pid, 0) == 0 && waitpid(pid, NULL, WNOHANG) == 0;
}

static bool nobodys(void *owner, pid_t pid)
{
	(void)owner;
	(void)pid;
	return false;
}

static bool is_member(void *owner, pid_t pid)
{
	return *(const pid_t *)owner == pid;
}

static void what_a_dead_group_left_is_killed_and_daemons_are_not(void **state)
{
	struct left stray = leave(false, false), daemon = leave(false, true);

	(void)state;
	orphans_kill_strays(nobodys, NULL);
	assert_int_equal(waitpid(stray.orphan, NULL, 0), stray.orphan);
	assert_true(runs(daemon.orphan));
	orphans_end();
	assert_int_equal(kill(daemon.orphan, 0), -1);
}

static void what_a_living_leader_has_is_left_alone(void **state)
{
	struct left busy = leave(true, false);

	(void)state;
	orphans_kill_strays(is_member, &busy.leader);
	assert_true(runs(busy.leader));
	assert_int_equal(kill(busy.orphan, 0), 0);
	orphans_end();
	assert_int_equal(kill(busy.leader, 0), -1);
	assert_int_equal(kill(busy.orphan, 0), -1);
}

static void who_ignores_the_request_to_end_is_killed(void **state)
{
	struct left deaf;

	(void)state;
	signal(SIGTERM, SIG_IGN);
	deaf = leave(false, true);
	signal(SIGTERM, SIG_DFL);
	orphans_end();
	assert_int_equal(kill(deaf.orphan, 0), -1);
	assert_int_equal(errno, ESRCH);
	orphans_end();	/* nobody is left: nothing happens */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_dead_group_left_is_killed_and_daemons_are_not),
		cmocka_unit_test(what_a_living_leader_has_is_left_alone),
		cmocka_unit_test(who_ignores_the_request_to_end_is_killed),
	};

	orphans_adopt();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
