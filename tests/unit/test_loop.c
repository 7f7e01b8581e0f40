#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/net/loop.h"

/* What happened, in order, a letter each. */
struct world {
	struct loop *loop;
	char log[64];
	struct loop_turn turns[3];
	struct timer *timer;
	struct watch *watch;
	int ends[2];
};

static void note(struct world *w, char what)
{
	size_t len = strlen(w->log);

	assert_true(len + 1 < sizeof(w->log));
	w->log[len] = what;
}

static void world_start(struct world *w)
{
	memset(w, 0, sizeof(*w));
	w->loop = loop_new();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, w->ends), 0);
}

static void world_end(struct world *w)
{
	loop_free(w->loop);
	close(w->ends[0]);
	close(w->ends[1]);
}

static void later_b(void *owner)
{
	note(owner, 'b');
}

static void later_a(void *owner)
{
	struct world *w = owner;

	note(w, 'a');
	loop_later(w->loop, later_b, w);
	note(w, '.');
}

static void later_is_never_at_once_and_in_order(void **state)
{
	struct world w;

	(void)state;
	world_start(&w);
	loop_later(w.loop, later_a, &w);
	loop_later(w.loop, later_b, &w);
	assert_string_equal(w.log, "");
	loop_run(w.loop);	/* until nothing is left */
	assert_string_equal(w.log, "a.bb");
	world_end(&w);
}

static void what_never_ran_is_freed(void **state)
{
	struct world w;

	(void)state;
	world_start(&w);
	loop_later(w.loop, later_a, &w);
	world_end(&w);
	assert_string_equal(w.log, "");
}

static void turn_0(void *owner)
{
	struct world *w = owner;

	note(w, '0');
	loop_turn_drop(&w->turns[1]);		/* was to run in this turn */
	if (strlen(w->log) < 3)
		loop_turn_ask(w->loop, &w->turns[0]);	/* again in the next */
}

static void turn_1(void *owner)
{
	note(owner, '1');
}

static void turn_2(void *owner)
{
	note(owner, '2');
}

static void turns_run_once_each_and_can_be_dropped(void **state)
{
	static void (*const runs[])(void *owner) = { turn_0, turn_1, turn_2 };
	struct world w;

	(void)state;
	world_start(&w);
	for (int i = 0; i < 3; i++) {
		w.turns[i] = (struct loop_turn){ .run = runs[i], .owner = &w };
		loop_turn_ask(w.loop, &w.turns[i]);
		loop_turn_ask(w.loop, &w.turns[i]);
	}
	loop_run(w.loop);
	assert_string_equal(w.log, "020");
	world_end(&w);
}

static void on_timer(void *owner)
{
	struct world *w = owner;

	note(w, 't');
	if (strlen(w->log) < 3)
		timer_start(w->timer, 1);
}

static void a_timer_fires_once_for_each_start(void **state)
{
	struct world w;
	uint64_t before;

	(void)state;
	world_start(&w);
	w.timer = timer_new(w.loop, on_timer, &w);
	timer_start(w.timer, 100000);
	timer_start(w.timer, 5);	/* instead */
	before = loop_now(w.loop);
	loop_run(w.loop);
	assert_string_equal(w.log, "ttt");
	assert_true(loop_now(w.loop) >= before + 5);
	timer_start(w.timer, 1);
	timer_stop(w.timer);
	loop_run(w.loop);
	timer_start(w.timer, 1);
	timer_free(w.timer);		/* never fires again */
	timer_free(NULL);
	loop_run(w.loop);
	assert_string_equal(w.log, "ttt");
	world_end(&w);
}

static void on_ready(void *owner, bool readable, bool writable)
{
	struct world *w = owner;
	char byte;

	if (writable) {
		note(w, 'w');
		watch_want(w->watch, true, false);
		assert_int_equal(write(w->ends[1], "x", 1), 1);
	}
	if (!readable)
		return;
	note(w, 'r');
	assert_int_equal(read(w->ends[0], &byte, 1), 1);
	watch_free(w->watch);
}

static void a_watch_tells_what_is_wanted(void **state)
{
	struct world w;

	(void)state;
	world_start(&w);
	w.watch = watch_new(w.loop, w.ends[0], on_ready, &w);
	watch_want(w.watch, true, false);
	watch_want(w.watch, true, true);
	loop_run(w.loop);
	assert_string_equal(w.log, "wr");
	world_end(&w);
}

static void on_signal(void *owner)
{
	struct world *w = owner;

	note(w, 's');
	loop_stop(w->loop);
}

static void a_signal_is_told_in_the_loop_and_does_not_keep_it_running(void **state)
{
	struct world w;

	(void)state;
	world_start(&w);
	loop_signal(w.loop, SIGUSR1, on_signal, &w);
	loop_run(w.loop);	/* returns: nothing else is there */
	raise(SIGUSR1);
	w.timer = timer_new(w.loop, on_timer, &w);
	timer_start(w.timer, 10000);
	loop_run(w.loop);
	timer_free(w.timer);
	assert_string_equal(w.log, "s");
	world_end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(later_is_never_at_once_and_in_order),
		cmocka_unit_test(what_never_ran_is_freed),
		cmocka_unit_test(turns_run_once_each_and_can_be_dropped),
		cmocka_unit_test(a_timer_fires_once_for_each_start),
		cmocka_unit_test(a_watch_tells_what_is_wanted),
		cmocka_unit_test(a_signal_is_told_in_the_loop_and_does_not_keep_it_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
