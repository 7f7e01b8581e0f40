#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/run/late_answers.h"
#include "policy/run/reactor.h"

struct world {
	struct reactor *reactor;
	struct late_answers *late;
	uint64_t begin;
	unsigned told, wanted;
	char order[64];
	uint64_t after[4];	/* ms, of each */
	int last;		/* descriptor */
};

static void on_told(void *owner, uint64_t link, const struct answer *words, int passed)
{
	struct world *w = owner;
	size_t len = strlen(w->order);

	assert_int_equal(words->kind, ANSWER_VIEW);
	assert_false(words->tried);
	(void)snprintf(w->order + len, sizeof(w->order) - len, "%d:%d ", (int)link,
		       (int)words->id);
	w->after[w->told] = reactor_now(w->reactor) - w->begin;
	w->last = passed;
	if (++w->told == w->wanted)
		reactor_stop(w->reactor);
}

static struct world made(unsigned wanted)
{
	struct world w = { .reactor = reactor_new(), .wanted = wanted, .last = -1 };

	w.begin = reactor_now(w.reactor);
	return w;
}

static void put(struct world *w, uint64_t link, uint64_t id, uint64_t ago, int passed)
{
	const struct answer words = { .id = id, .kind = ANSWER_VIEW, .tried = true };

	late_answers_put(w->late, link, w->begin - ago, &words, passed);
}

static void each_is_told_at_the_end_of_its_step(void **state)
{
	struct world w = made(3);
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	w.late = late_answers_new(w.reactor, on_told, &w);
	put(&w, 1, 10, LATE_ANSWERS_STEP - 20, -1);		/* 20 ms more */
	put(&w, 2, 11, 3 * LATE_ANSWERS_STEP - 100, -1);	/* the third step ends */
	put(&w, 1, 12, 0, fd);					/* all of one */
	reactor_run(w.reactor);
	assert_string_equal(w.order, "1:10 2:11 1:12 ");
	assert_true(w.after[0] >= 20 && w.after[1] >= 100 && w.after[2] >= LATE_ANSWERS_STEP);
	assert_int_equal(w.last, fd);
	assert_int_equal(fcntl(fd, F_GETFD) < 0, 0);	/* who was told has it */
	close(fd);
	late_answers_free(w.late);
	reactor_free(w.reactor);
}

static void what_waits_at_the_end_is_gone_without_a_word(void **state)
{
	struct world w = made(1);
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	w.late = late_answers_new(w.reactor, on_told, &w);
	put(&w, 1, 10, 0, fd);
	put(&w, 1, 11, 0, -1);
	late_answers_free(w.late);
	late_answers_free(NULL);
	assert_int_equal(w.told, 0);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	reactor_free(w.reactor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_told_at_the_end_of_its_step),
		cmocka_unit_test(what_waits_at_the_end_is_gone_without_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
