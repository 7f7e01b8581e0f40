#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/run/memory_file.h"
#include "policy/run/orders.h"
#include "policy/run/reactor.h"
#include "policy/run/sealer.h"
#include "policy/run/sealers.h"

/* --- the sealer: this program again, doing what the message says --- */

static void send_answer(uint64_t id, int passed)
{
	struct answer answer = { .id = id, .kind = ANSWER_REFUSED };
	struct err err = { 0 };
	struct buf wire;

	reply_set(&answer.reply, 550, "5.7.1", "done");
	buf_init(&wire, CHANNEL_MAX);
	if (answer_encode(&answer, &wire) < 0 ||
	    channel_send(ORDERS_CHANNEL, buf_span(&wire), passed, &err) != CHANNEL_DONE)
		_exit(9);
	buf_free(&wire);
}

/* A process that outlives us unless our whole group is killed; it holds the
 * message's descriptor `in`, a pipe's end, by which its end is seen. */
static void hang(void)
{
	if (fork() == 0)
		for (;;)
			pause();
	for (;;)
		pause();
}

static void do_as_told(const struct ask *ask, int in)
{
	const char *word = ask->envelope.sender;

	if (strcmp(word, "die") == 0)
		_exit(3);
	if (strcmp(word, "hang") == 0)
		hang();
	if (strcmp(word, "nonsense") == 0) {
		struct err err = { 0 };

		(void)channel_send(ORDERS_CHANNEL, span_str("Annnn"), -1, &err);
		return;
	}
	send_answer(ask->id + (strcmp(word, "other") == 0), in);
}

static void one_message(struct span wire, int passed)
{
	const char word[] = { SEALER_INDEX };
	struct err err = { 0 };
	struct ask ask = { 0 };

	if (wire.len == 1 && wire.at[0] == SEALER_LIST) {
		int fd = memory_file_new(span_str("keys"), &err);

		(void)channel_send(ORDERS_CHANNEL, span_of(word, 1), fd, &err);
		close(fd);
	} else if (wire.at[0] != SEALER_KEYS && ask_decode(wire, &ask, &err) == 0) {
		do_as_told(&ask, passed);
		ask_free(&ask);
	}
	if (passed >= 0)
		close(passed);
}

static int be_sealer(void)
{
	struct pollfd channel = { .fd = ORDERS_CHANNEL, .events = POLLIN };
	enum channel_result result;
	struct err err = { 0 };
	struct buf wire;
	int passed;

	buf_init(&wire, CHANNEL_MAX);
	do {
		result = channel_receive(ORDERS_CHANNEL, &wire, &passed, &err);
		if (result == CHANNEL_AGAIN)
			(void)poll(&channel, 1, -1);
		else if (result == CHANNEL_DONE)
			one_message(buf_span(&wire), passed);
	} while (result == CHANNEL_AGAIN || result == CHANNEL_DONE);
	buf_free(&wire);
	return 0;
}

/* --- the tests --- */

struct world {
	struct log log;
	struct reactor *reactor;
	struct sealers *sealers;
	struct seal_queue queue;
	int keys;
	char told[256];		/* what came back, one letter each */
	unsigned want;		/* after so many the reactor stops */
};

static void note(struct world *w, const char *what)
{
	strncat(w->told, what, sizeof(w->told) - strlen(w->told) - 1);
	if (strlen(w->told) >= w->want)
		reactor_stop(w->reactor);
}

static void on_idle(void *owner)
{
	struct world *w = owner;
	struct seal_job *job;

	while (sealers_idle(w->sealers, false) && (job = seal_queue_take(&w->queue)))
		sealers_seal(w->sealers, job, w->keys, false, 1);
	while (sealers_idle(w->sealers, true) && (job = seal_queue_take_quick(&w->queue)))
		sealers_seal(w->sealers, job, w->keys, false, 1);
}

static bool on_sealed(void *owner, struct seal_job *job, struct answer *answer,
		      int passed)
{
	assert_non_null(job);
	note(owner, !answer ? "x" : answer->reply.code == 550 ? "s" : "?");
	if (passed >= 0)
		close(passed);
	return false;
}

static void on_listed(void *owner, int fd, const char *why)
{
	struct buf keys;
	struct err err = { 0 };

	if (fd < 0) {
		assert_non_null(why);
		note(owner, "e");
		return;
	}
	buf_init(&keys, 100);
	assert_int_equal(memory_file_read(fd, &keys, &err), 0);
	assert_true(span_is(buf_span(&keys), "keys"));
	buf_free(&keys);
	close(fd);
	note(owner, "l");
}

static void on_signal(void *owner, int number)
{
	(void)number;
	sealers_reap(((struct world *)owner)->sealers);
}

static int set_up(void **state)
{
	static const int signals[] = { SIGCHLD };
	struct world *w = mem_new(sizeof(*w));
	struct err err = { 0 };
	struct sealers_setup setup = {
		.log = &w->log, .n = 2, .message_wait = 60000, .list_wait = 60000,
		.path = "x", .idle = on_idle, .sealed = on_sealed,
		.listed = on_listed, .owner = w,
	};

	w->log.least = LOG_LEVEL_ERROR + 1;
	w->reactor = setup.reactor = reactor_new();
	w->keys = setup.snapshot = memory_file_new(span_str("keys"), &err);
	seal_queue_init(&w->queue, 100);
	reactor_signals(w->reactor, signals, 1, on_signal, w);
	w->sealers = sealers_new(&setup);
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	sealers_free(w->sealers);
	seal_queue_free(&w->queue);
	reactor_free(w->reactor);
	close(w->keys);
	free(w);
	return 0;
}

/* Queues a job that says what its sealer is to do; `fd` is taken over. */
static void order_as(struct world *w, const char *what, int fd, bool quick)
{
	struct seal_job *job = mem_new(sizeof(*job));
	struct buf wire;
	size_t len;

	job->fd = fd;
	job->quick = quick;
	job->ask.id = 77;
	job->ask.kind = ASK_SEAL;
	job->ask.envelope.sender = mem_strdup(what);
	strs_add(&job->ask.envelope.to, span_str("bob@x"));
	buf_init(&wire, CHANNEL_MAX);
	assert_int_equal(ask_encode(&job->ask, &wire), 0);
	len = buf_span(&wire).len;
	job->wire = span_of(buf_take_string(&wire), len);
	assert_true(seal_queue_put(&w->queue, job));
	on_idle(w);
}

static void order(struct world *w, const char *what, int fd)
{
	order_as(w, what, fd, false);
}

static void run(struct world *w, const char *want)
{
	w->want = (unsigned)strlen(want);
	reactor_run(w->reactor);
	assert_string_equal(w->told, want);
	w->told[0] = '\0';
}

static void each_message_gets_its_answer(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };

	for (int i = 0; i < 8; i++)
		order(w, "go", memory_file_new(span_str("mail"), &err));
	run(w, "ssssssss");
}

static void a_death_costs_one_message_and_the_next_gets_another_sealer(void **state)
{
	struct world *w = *state;

	order(w, "die", dup(w->keys));
	run(w, "x");
	order(w, "die", dup(w->keys));
	order(w, "die", dup(w->keys));
	run(w, "xx");
	for (int i = 0; i < 4; i++)
		order(w, "go", dup(w->keys));
	run(w, "ssss");
}

/* A machine that stands still makes whoever works look like who hangs. */
static void answers_again(struct world *w)
{
	for (unsigned tries = 0; tries < 20; tries++) {
		order(w, "go", dup(w->keys));
		w->want = 1;
		reactor_run(w->reactor);
		if (strcmp(w->told, "s") == 0)
			return;
		assert_string_equal(w->told, "x");
		w->told[0] = '\0';
	}
	fail_msg("killed each time");
}

static void who_hangs_is_killed_with_all_that_it_started(void **state)
{
	struct world *w = *state;
	struct sealers_setup setup = {
		.log = &w->log, .reactor = w->reactor, .n = 1, .message_wait = 50,
		.path = "x", .snapshot = w->keys, .idle = on_idle,
		.sealed = on_sealed, .listed = on_listed, .owner = w,
	};
	struct pollfd end = { .events = POLLIN };
	int ends[2];

	sealers_free(w->sealers);
	w->sealers = sealers_new(&setup);
	assert_int_equal(pipe(ends), 0);
	order(w, "hang", ends[1]);
	run(w, "x");
	end.fd = ends[0];
	assert_int_equal(poll(&end, 1, 60000), 1);	/* nobody holds it now */
	close(ends[0]);
	answers_again(w);
}

static void nonsense_is_no_answer(void **state)
{
	struct world *w = *state;

	order(w, "nonsense", dup(w->keys));
	run(w, "x");
	order(w, "other", dup(w->keys));
	run(w, "x");
	order(w, "go", dup(w->keys));
	run(w, "s");
}

static void a_list_comes_before_messages_that_wait(void **state)
{
	struct world *w = *state;

	sealers_list(w->sealers);
	for (int i = 0; i < 2; i++)
		order(w, "go", dup(w->keys));
	w->want = 3;
	reactor_run(w->reactor);
	assert_non_null(strchr(w->told, 'l'));
	w->told[0] = '\0';
	sealers_list(w->sealers);
	run(w, "l");
}

static void what_is_quick_waits_for_no_message(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 3; i++)
		order(w, "hang", dup(w->keys));	/* one more than there are */
	for (int i = 0; i < 5; i++)
		order_as(w, "go", dup(w->keys), true);
	run(w, "sssss");
	assert_false(sealers_idle(w->sealers, false));
	assert_true(sealers_idle(w->sealers, true));
	assert_int_equal(w->queue.n, 1);
}

static void messages_leave_one_sealer_for_what_is_quick(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 5; i++)
		order_as(w, "go", dup(w->keys), true);
	run(w, "sssss");	/* all have started now */
	order(w, "hang", dup(w->keys));
	order(w, "hang", dup(w->keys));
	assert_false(sealers_idle(w->sealers, false));
	assert_true(sealers_idle(w->sealers, true));
	order_as(w, "die", dup(w->keys), true);
	order_as(w, "go", dup(w->keys), true);
	run(w, "xs");
}

int main(int argc, char **argv)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_message_gets_its_answer),
		TEST(a_death_costs_one_message_and_the_next_gets_another_sealer),
		TEST(who_hangs_is_killed_with_all_that_it_started),
		TEST(nonsense_is_no_answer),
		TEST(a_list_comes_before_messages_that_wait),
		TEST(what_is_quick_waits_for_no_message),
		TEST(messages_leave_one_sealer_for_what_is_quick),
	};

	if (argc > 1 && strcmp(argv[1], "@sealer") == 0)
		return be_sealer();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
