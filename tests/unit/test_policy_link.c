#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/channel.h>
#include <letterlock/mem.h>

#include "proxy/net/loop.h"
#include "proxy/session/policy_link.h"

enum { LONG = 60 * 1000 };

/* The engine's end: notes what is asked and does what the test says. */
struct peer {
	struct loop *loop;
	int fd;
	struct watch *watch;
	unsigned asked;
	uint64_t ids[64];
	char *sender;		/* of the last ask */
	int passed;		/* with the last ask */
	bool silent;		/* does not answer */
	bool dies;		/* closes instead of answering */
	unsigned stop_at;	/* the loop stops when so many were asked */
	int out;		/* descriptor to answer with, or -1 */
	struct answer answer;	/* its kind, reply ... ; the id is set */
};

struct world {
	struct loop *loop;
	struct log log;
	struct policy_link *link;
	struct peer peer;
	/* what the owner was told */
	unsigned told, want;
	bool none;
	enum answer_kind kind;
	int passed;
	bool inside;		/* policy_ask() is running */
};

static void peer_close(struct peer *peer)
{
	if (peer->fd < 0)
		return;
	watch_free(peer->watch);
	close(peer->fd);
	peer->fd = -1;
}

static void peer_answer(struct peer *peer, uint64_t id)
{
	struct err err = { 0 };
	struct buf wire;

	peer->answer.id = id;
	buf_init(&wire, CHANNEL_MAX);
	assert_int_equal(answer_encode(&peer->answer, &wire), 0);
	assert_int_equal(channel_send(peer->fd, buf_span(&wire), peer->out, &err),
			 CHANNEL_DONE);
	buf_free(&wire);
}

static void peer_take(struct peer *peer, struct span wire)
{
	struct err err = { 0 };
	struct ask ask;

	assert_int_equal(ask_decode(wire, &ask, &err), 0);
	if (peer->asked < 64)
		peer->ids[peer->asked] = ask.id;
	peer->asked++;
	free(peer->sender);
	peer->sender = mem_strdup(ask.envelope.sender);
	if (!peer->silent && !peer->dies)
		peer_answer(peer, ask.id);
	ask_free(&ask);
}

static void peer_ready(void *owner, bool readable, bool writable)
{
	struct peer *peer = owner;
	struct err err = { 0 };
	struct buf wire;
	int passed;

	(void)readable;
	(void)writable;
	buf_init(&wire, CHANNEL_MAX);
	while (peer->fd >= 0 &&
	       channel_receive(peer->fd, &wire, &passed, &err) == CHANNEL_DONE) {
		if (peer->passed >= 0)
			close(peer->passed);
		peer->passed = passed;
		peer_take(peer, buf_span(&wire));
		if (peer->dies)
			peer_close(peer);
		if (peer->asked == peer->stop_at)
			loop_stop(peer->loop);
	}
	buf_free(&wire);
}

/* A new engine; the link gets the other end. */
static void engine(struct world *w)
{
	struct err err = { 0 };
	int ends[2];

	peer_close(&w->peer);
	assert_int_equal(channel_pair(ends, &err), 0);
	w->peer.fd = ends[0];
	w->peer.watch = watch_new(w->loop, ends[0], peer_ready, &w->peer);
	watch_want(w->peer.watch, true, false);
	policy_link_connect(w->link, ends[1]);
}

static int set_up(void **state)
{
	struct world *w = mem_new(sizeof(*w));

	w->loop = loop_new();
	w->log.least = LOG_LEVEL_ERROR + 1;
	w->link = policy_link_new(w->loop, &w->log);
	w->peer = (struct peer){ .loop = w->loop, .fd = -1, .passed = -1, .out = -1 };
	w->peer.answer.kind = ANSWER_YES;
	w->passed = -1;
	w->want = 1;
	*state = w;
	return 0;
}

static int tear_down(void **state)
{
	struct world *w = *state;

	peer_close(&w->peer);
	policy_link_free(w->link);
	loop_free(w->loop);
	if (w->peer.passed >= 0)
		close(w->peer.passed);
	if (w->passed >= 0)
		close(w->passed);
	if (w->peer.out >= 0)
		close(w->peer.out);
	free(w->peer.sender);
	free(w);
	return 0;
}

static void on_answered(void *owner, const struct answer *answer, int passed)
{
	struct world *w = owner;

	assert_false(w->inside);
	w->told++;
	w->none = !answer;
	if (answer)
		w->kind = answer->kind;
	if (w->passed >= 0)
		close(w->passed);
	w->passed = passed;
	if (w->told == w->want)
		loop_stop(w->loop);
}

static struct policy_question *ask(struct world *w, const char *sender, int passed,
				   uint64_t wait)
{
	struct ask ask = { .kind = ASK_SENDER };
	struct policy_question *q;

	ask.envelope.sender = mem_strdup(sender);
	if (passed >= 0) {
		ask.kind = ASK_SEAL;
		strs_add(&ask.envelope.to, span_str("bob@example.org"));
	}
	w->inside = true;
	q = policy_ask(w->link, &ask, passed, wait, on_answered, w);
	w->inside = false;
	assert_non_null(q);
	ask_free(&ask);
	return q;
}

static int memory(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void a_question_gets_its_answer_with_descriptors_both_ways(void **state)
{
	struct world *w = *state;
	uint16_t bob = 0;
	struct answer_copy copy = { .size = 3, .recipients = { &bob, 1 } };
	int mail = memory("question");
	char got[8];

	engine(w);
	w->peer.answer = (struct answer){ .kind = ANSWER_SEALED, .copies = &copy,
					  .copies_n = 1 };
	memset(w->peer.answer.journal, 'a', JOURNAL_ID_SIZE - 1);
	w->peer.out = memory("answer");
	ask(w, "alice@example.org", mail, LONG);
	close(mail);
	loop_run(w->loop);
	assert_int_equal(w->kind, ANSWER_SEALED);
	assert_string_equal(w->peer.sender, "alice@example.org");
	assert_int_equal(pread(w->peer.passed, got, 8, 0), 8);
	assert_memory_equal(got, "question", 8);
	assert_int_equal(pread(w->passed, got, 6, 0), 6);
	assert_memory_equal(got, "answer", 6);
	assert_int_equal(policy_link_pending(w->link), 0);
}

static void what_is_asked_before_there_is_an_engine_waits_for_it(void **state)
{
	struct world *w = *state;

	ask(w, "a@x", -1, LONG);
	ask(w, "b@x", -1, LONG);
	w->want = 2;
	engine(w);
	loop_run(w->loop);
	assert_false(w->none);
	assert_string_equal(w->peer.sender, "b@x");
}

static void a_new_engine_is_asked_again_in_the_old_order(void **state)
{
	struct world *w = *state;
	int mail = memory("once more");
	char got[9];

	engine(w);
	w->peer.silent = true;
	w->peer.stop_at = 3;
	ask(w, "a@x", -1, LONG);
	ask(w, "b@x", -1, LONG);
	ask(w, "c@x", mail, LONG);
	close(mail);
	loop_run(w->loop);
	assert_int_equal(w->told, 0);

	engine(w);
	w->peer.silent = false;
	w->want = 3;
	loop_run(w->loop);
	assert_int_equal(w->peer.asked, 6);
	for (unsigned i = 0; i < 3; i++)
		assert_true(w->peer.ids[i] == w->peer.ids[i + 3]);
	assert_int_equal(pread(w->peer.passed, got, 9, 0), 9);
	assert_memory_equal(got, "once more", 9);
}

static void a_question_that_two_engines_died_of_is_given_up(void **state)
{
	struct world *w = *state;

	w->peer.dies = true;
	w->peer.stop_at = 1;
	engine(w);
	ask(w, "poison@x", -1, LONG);
	loop_run(w->loop);
	w->peer.stop_at = 2;
	engine(w);
	loop_run(w->loop);
	assert_int_equal(w->told, 0);
	w->peer.dies = false;
	engine(w);
	loop_run(w->loop);
	assert_int_equal(w->told, 1);
	assert_true(w->none);
	assert_int_equal(w->peer.asked, 2);
}

static void without_an_answer_in_time_there_is_none(void **state)
{
	struct world *w = *state;

	ask(w, "nobody listens", -1, 1);
	loop_run(w->loop);
	assert_true(w->none);
	engine(w);
	w->peer.silent = true;
	w->told = 0;
	w->want = 2;
	ask(w, "silence@x", -1, 20);
	ask(w, "silence@x", -1, 1);
	loop_run(w->loop);
	assert_true(w->none);
	/* what comes too late is nobody's */
	w->peer.silent = false;
	w->peer.out = memory("late");
	peer_answer(&w->peer, w->peer.ids[0]);
	w->want = 3;
	ask(w, "next@x", -1, LONG);
	loop_run(w->loop);
	assert_int_equal(w->told, 3);
	assert_false(w->none);
}

static void who_has_forgotten_is_not_told(void **state)
{
	struct world *w = *state;

	engine(w);
	policy_forget(ask(w, "a@x", -1, LONG));
	ask(w, "b@x", -1, LONG);
	loop_run(w->loop);
	assert_int_equal(w->told, 1);
	assert_int_equal(policy_link_pending(w->link), 0);
	policy_forget(NULL);
}

static void a_full_channel_keeps_the_rest_back_and_loses_none(void **state)
{
	struct world *w = *state;
	char *sender = mem_new(4001);

	memset(sender, 's', 4000);
	w->want = 2000;
	engine(w);
	for (unsigned i = 0; i < w->want; i++)
		ask(w, sender, -1, LONG);
	loop_run(w->loop);
	assert_int_equal(w->peer.asked, 2000);
	assert_int_equal(w->told, 2000);
	free(sender);
}

static void an_answer_that_does_not_fit_is_none(void **state)
{
	struct world *w = *state;
	uint16_t nobody = 1;
	struct answer_copy copy = { .size = 1, .recipients = { &nobody, 1 },
				    .from_question = true };
	int mail = memory("x");

	engine(w);
	w->peer.answer = (struct answer){ .kind = ANSWER_SEALED, .copies = &copy,
					  .copies_n = 1 };
	memset(w->peer.answer.journal, 'a', JOURNAL_ID_SIZE - 1);
	ask(w, "a@x", mail, LONG);	/* to one recipient, not two */
	loop_run(w->loop);
	assert_true(w->none);
	nobody = 0;
	copy.from_question = false;	/* of a descriptor that does not come */
	w->told = 0;
	ask(w, "a@x", mail, LONG);
	loop_run(w->loop);
	assert_true(w->none);
	close(mail);
}

static void nonsense_from_an_engine_answers_nothing(void **state)
{
	struct world *w = *state;
	struct err err = { 0 };

	engine(w);
	w->peer.silent = true;
	w->peer.stop_at = 1;
	ask(w, "a@x", -1, 30);
	loop_run(w->loop);
	assert_int_equal(channel_send(w->peer.fd, span_str("nonsense"), -1, &err),
			 CHANNEL_DONE);
	loop_run(w->loop);
	assert_int_equal(w->told, 1);
	assert_true(w->none);
	w->peer.silent = false;
	w->want = 2;
	ask(w, "b@x", -1, LONG);
	loop_run(w->loop);
	assert_false(w->none);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_question_gets_its_answer_with_descriptors_both_ways),
		TEST(what_is_asked_before_there_is_an_engine_waits_for_it),
		TEST(a_new_engine_is_asked_again_in_the_old_order),
		TEST(a_question_that_two_engines_died_of_is_given_up),
		TEST(without_an_answer_in_time_there_is_none),
		TEST(who_has_forgotten_is_not_told),
		TEST(a_full_channel_keeps_the_rest_back_and_loses_none),
		TEST(an_answer_that_does_not_fit_is_none),
		TEST(nonsense_from_an_engine_answers_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
