#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/run/reactor.h"

struct seen {
	struct reactor *reactor;
	struct reactor_watch *watch, *other;
	struct reactor_timer *timer;
	int fd;
	char text[64];
	unsigned calls;
	bool writable;
};

static void note(struct seen *seen, const char *what)
{
	strncat(seen->text, what, sizeof(seen->text) - strlen(seen->text) - 1);
	seen->calls++;
}

static void on_read(void *owner, bool readable, bool writable)
{
	struct seen *seen = owner;
	char byte[2] = { 0 };

	seen->writable = writable;
	if (readable && read(seen->fd, byte, 1) == 1)
		note(seen, byte);
	else
		reactor_stop(seen->reactor);
}

static void what_comes_is_told_until_the_end_comes(void **state)
{
	struct seen seen = { .reactor = reactor_new() };
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	seen.fd = ends[0];
	seen.watch = reactor_watch(seen.reactor, ends[0], on_read, &seen);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	close(ends[1]);
	reactor_run(seen.reactor);
	assert_string_equal(seen.text, "abc");
	assert_false(seen.writable);
	reactor_unwatch(seen.watch);
	reactor_free(seen.reactor);
	close(ends[0]);
}

static void on_writable(void *owner, bool readable, bool writable)
{
	struct seen *seen = owner;

	assert_false(readable);
	assert_true(writable);
	reactor_stop(seen->reactor);
}

static void writing_is_told_only_when_it_is_wanted(void **state)
{
	struct seen seen = { .reactor = reactor_new() };
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	seen.watch = reactor_watch(seen.reactor, ends[1], on_writable, &seen);
	reactor_want(seen.watch, false, true);
	reactor_run(seen.reactor);
	reactor_unwatch(seen.watch);
	reactor_unwatch(NULL);
	reactor_free(seen.reactor);
	close(ends[0]);
	close(ends[1]);
}

/* The first of two that are ready takes the other one away. */
static void on_rival(void *owner, bool readable, bool writable)
{
	struct seen *seen = owner;

	(void)readable;
	(void)writable;
	seen->calls++;
	reactor_unwatch(seen->watch);
	reactor_unwatch(seen->other);
	reactor_stop(seen->reactor);
}

static void who_was_taken_away_is_never_told(void **state)
{
	struct seen seen = { .reactor = reactor_new() };
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	seen.watch = reactor_watch(seen.reactor, ends[0], on_rival, &seen);
	seen.other = reactor_watch(seen.reactor, ends[0], on_rival, &seen);
	reactor_run(seen.reactor);
	assert_int_equal(seen.calls, 1);
	reactor_free(seen.reactor);
	close(ends[0]);
}

static void on_second(void *owner)
{
	struct seen *seen = owner;

	note(seen, "2");
	reactor_stop(seen->reactor);
}

static void on_first(void *owner)
{
	struct seen *seen = owner;

	note(seen, "1");
	assert_false(reactor_timer_runs(seen->timer));
	if (seen->calls < 3)
		reactor_timer_start(seen->timer, 0);
}

static void timers_fire_in_the_order_of_their_times(void **state)
{
	struct seen seen = { .reactor = reactor_new() };
	struct reactor_timer *second = reactor_timer_new(seen.reactor, on_second, &seen);
	struct reactor_timer *never = reactor_timer_new(seen.reactor, on_second, &seen);
	uint64_t before = reactor_now(seen.reactor);

	(void)state;
	seen.timer = reactor_timer_new(seen.reactor, on_first, &seen);
	reactor_timer_start(second, 40);
	reactor_timer_start(seen.timer, 1);
	reactor_timer_start(never, 1);
	assert_true(reactor_timer_runs(never));
	reactor_timer_stop(never);
	reactor_run(seen.reactor);
	assert_string_equal(seen.text, "1112");
	assert_true(reactor_now(seen.reactor) >= before + 40);
	reactor_timer_free(second);
	reactor_timer_free(never);
	reactor_timer_free(seen.timer);
	reactor_timer_free(NULL);
	reactor_free(seen.reactor);
}

static void on_signal(void *owner, int number)
{
	struct seen *seen = owner;

	note(seen, number == SIGUSR1 ? "u" : "?");
	reactor_stop(seen->reactor);
}

static void a_signal_is_told_between_other_things(void **state)
{
	struct seen seen = { .reactor = reactor_new() };
	const int numbers[] = { SIGUSR1 };
	sigset_t set;

	(void)state;
	reactor_signals(seen.reactor, numbers, 1, on_signal, &seen);
	kill(getpid(), SIGUSR1);
	assert_string_equal(seen.text, "");
	reactor_run(seen.reactor);
	assert_string_equal(seen.text, "u");
	reactor_free(seen.reactor);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_is_told_until_the_end_comes),
		cmocka_unit_test(writing_is_told_only_when_it_is_wanted),
		cmocka_unit_test(who_was_taken_away_is_never_told),
		cmocka_unit_test(timers_fire_in_the_order_of_their_times),
		cmocka_unit_test(a_signal_is_told_between_other_things),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
