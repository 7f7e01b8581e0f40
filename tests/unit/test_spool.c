#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "proxy/session/shares.h"
#include "proxy/session/spool.h"

enum { PAGE = 4096, SLOTS = 8 };

static int budget_fd(uint64_t limit)
{
	struct err err = { 0 };
	int fd;

	assert_int_equal(spool_budget_new(limit, SLOTS, &fd, &err), 0);
	return fd;
}

static struct spool_budget *slot(int fd, unsigned number)
{
	struct err err = { 0 };
	struct spool_budget *budget = spool_budget_open(fd, number, &err);

	assert_non_null(budget);
	return budget;
}

static void put(struct spool *spool, const char *text)
{
	struct err err = { 0 };

	assert_int_equal(spool_put(spool, span_str(text), &err), 0);
}

static void what_was_put_can_be_read_at_any_offset(void **state)
{
	int fd = budget_fd(PAGE);
	struct spool_budget *budget = slot(fd, 0);
	struct err err = { 0 };
	struct spool *spool = spool_new(budget, &err);
	char got[8] = { 0 };

	(void)state;
	put(spool, "Received: x\r\n");
	put(spool, "");
	put(spool, "Subject: y\r\n");
	assert_int_equal(spool_size(spool), 25);
	assert_true(spool_finish(spool, &err) >= 0);
	assert_int_equal(pread(spool_descriptor(spool), got, 7, 13), 7);
	assert_string_equal(got, "Subject");
	spool_free(spool);
	spool_budget_close(budget);
	close(fd);
}

static void runs_of_all_sizes_keep_their_order(void **state)
{
	static const size_t sizes[] = { 1, 16383, 16384, 16385, 1, 40000, 2, 7 };
	int fd = budget_fd(1 << 20);
	struct spool_budget *budget = slot(fd, 0);
	struct err err = { 0 };
	struct spool *spool = spool_new(budget, &err);
	static char bytes[120000], got[120000];
	size_t at = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 251);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct span run = span_of(bytes + at, sizes[i]);

		assert_int_equal(spool_put(spool, run, &err), 0);
		at += sizes[i];
	}
	assert_int_equal(spool_size(spool), at);
	assert_true(spool_finish(spool, &err) >= 0);
	assert_int_equal(pread(spool_descriptor(spool), got, sizeof(got), 0), at);
	assert_memory_equal(got, bytes, at);
	spool_free(spool);
	spool_budget_close(budget);
	close(fd);
}

static void what_is_made_of_a_message_may_pass_the_limit_but_not_by_much(void **state)
{
	int fd = budget_fd(PAGE);
	struct spool_budget *budget = slot(fd, 0);

	(void)state;
	assert_true(spool_budget_take(budget, PAGE));
	assert_false(spool_budget_take(budget, 1));
	assert_true(spool_budget_take_output(budget, SPOOL_SLACK));
	assert_false(spool_budget_take_output(budget, 1));
	spool_budget_give(budget, SPOOL_SLACK);
	assert_false(spool_budget_take(budget, 1));
	spool_budget_give(budget, PAGE);
	assert_true(spool_budget_take(budget, PAGE));
	spool_budget_close(budget);
	close(fd);
}

static void a_finished_spool_can_never_be_changed_again(void **state)
{
	int fd = budget_fd(PAGE);
	struct spool_budget *budget = slot(fd, 0);
	struct err err = { 0 };
	struct spool *spool = spool_new(budget, &err);
	int sealed;

	(void)state;
	put(spool, "abc");
	sealed = spool_finish(spool, &err);
	assert_true(sealed >= 0);
	assert_int_equal(write(sealed, "d", 1), -1);
	assert_int_equal(ftruncate(sealed, 0), -1);
	assert_ptr_equal(mmap(NULL, 3, PROT_WRITE, MAP_SHARED, sealed, 0), MAP_FAILED);
	assert_int_equal(spool_put(spool, span_str("d"), &err), -1);
	assert_int_equal(err.kind, ERR_TEMP);
	spool_free(spool);
	spool_budget_close(budget);
	close(fd);
}

static void a_full_budget_refuses_and_what_is_freed_can_be_taken_again(void **state)
{
	int fd = budget_fd(2 * PAGE);
	struct spool_budget *budget = slot(fd, 0);
	struct err err = { 0 };
	struct spool *one = spool_new(budget, &err), *two = spool_new(budget, &err);
	char page[PAGE];

	(void)state;
	memset(page, 'x', sizeof(page));
	put(one, "a");	/* a page is what it costs */
	assert_int_equal(spool_budget_free_bytes(budget), PAGE);
	assert_int_equal(spool_put(two, span_of(page, PAGE), &err), 0);
	assert_int_equal(spool_put(two, span_str("y"), &err), -1);
	assert_int_equal(err.kind, ERR_TEMP);
	assert_int_equal(spool_size(two), PAGE);
	spool_free(one);
	assert_int_equal(spool_put(two, span_str("y"), &err), 0);
	spool_free(two);
	assert_int_equal(spool_budget_free_bytes(budget), 2 * PAGE);
	assert_false(spool_budget_take(budget, 2 * PAGE + 1));
	assert_false(spool_budget_take(budget, UINT64_MAX));
	spool_budget_give(budget, 17);	/* nobody holds that */
	assert_int_equal(spool_budget_free_bytes(budget), 2 * PAGE);
	spool_budget_close(budget);
	close(fd);
}

/* A worker that takes and gives in a hurry, and dies holding one page. */
static void hurry_and_die(int fd, unsigned number)
{
	struct err err = { 0 };
	struct spool_budget *budget = spool_budget_open(fd, number, &err);
	int bad = 0;

	for (int i = 0; budget && i < 20000; i++) {
		if (!spool_budget_take(budget, PAGE))
			continue;
		if (spool_budget_free_bytes(budget) > 2 * PAGE)
			bad++;	/* ours alone leaves two of three */
		spool_budget_give(budget, PAGE);
	}
	while (budget && !spool_budget_take(budget, PAGE))
		;
	_exit(bad ? 1 : 0);
}

static void workers_share_one_limit_and_the_dead_give_all_back(void **state)
{
	int fd = budget_fd(3 * PAGE);
	struct spool_budget *master = slot(fd, SLOTS - 1);
	pid_t worker[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		worker[i] = fork();
		if (worker[i] == 0)
			hurry_and_die(fd, i);
	}
	for (unsigned i = 0; i < 3; i++) {
		int status;

		waitpid(worker[i], &status, 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(spool_budget_free_bytes(master), 0);
	for (unsigned i = 0; i < 3; i++) {
		spool_budget_reclaim(master, i);
		assert_int_equal(spool_budget_free_bytes(master), (i + 1) * PAGE);
	}
	spool_budget_reclaim(master, SLOTS);	/* there is none */
	spool_budget_close(master);
	close(fd);
}

static void a_new_limit_counts_at_once_for_all(void **state)
{
	int fd = budget_fd(PAGE);
	struct spool_budget *worker = slot(fd, 0), *master = slot(fd, 1);

	(void)state;
	assert_false(spool_budget_take(worker, 2 * PAGE));
	spool_budget_limit(master, 2 * PAGE);
	assert_true(spool_budget_take(worker, 2 * PAGE));
	spool_budget_limit(master, PAGE);
	assert_int_equal(spool_budget_free_bytes(worker), 0);
	assert_false(spool_budget_take(worker, 1));
	spool_budget_close(worker);
	spool_budget_close(master);
	close(fd);
}

static void a_slot_that_is_not_there_is_an_error(void **state)
{
	int fd = budget_fd(PAGE);
	struct err err = { 0 };

	(void)state;
	assert_null(spool_budget_open(fd, SLOTS, &err));
	assert_int_equal(err.kind, ERR_BUG);
	assert_null(spool_budget_open(-1, 0, &err));
	close(fd);
}

static void a_share_is_a_part_of_it(void **state)
{
	int fd = budget_fd(16 * PAGE);
	struct spool_budget *budget = slot(fd, 0);
	struct spool_budget *one = spool_budget_share(budget, 7, 4 * PAGE, false);
	struct spool_budget *other = spool_budget_share(budget, 8, 4 * PAGE, false);
	struct err err = { 0 };
	struct spool *spool = spool_new(one, &err);

	(void)state;
	/* one thing may be larger, in one piece or in several; two may not */
	assert_int_equal(spool_reserve(spool, 5 * PAGE, &err), 0);
	assert_int_equal(spool_reserve(spool, 6 * PAGE, &err), 0);
	assert_false(spool_budget_take(one, 1));
	assert_int_equal(spool_budget_free_bytes(one), 0);
	assert_int_equal(spool_budget_free_bytes(budget), 10 * PAGE);
	/* nobody else has less of it */
	assert_true(spool_budget_take(other, 3 * PAGE));
	assert_true(spool_budget_take(other, PAGE));
	assert_false(spool_budget_take(other, 1));
	assert_int_equal(spool_budget_free_bytes(budget), 6 * PAGE);
	spool_free(spool);
	assert_int_equal(spool_budget_free_bytes(one), 12 * PAGE);
	/* the limit of all holds for one thing, too */
	assert_false(spool_budget_take(one, 12 * PAGE + 1));
	assert_true(spool_budget_take(one, PAGE));
	spool = spool_new(one, &err);
	assert_int_equal(spool_reserve(spool, 4 * PAGE, &err), -1);
	assert_int_equal(spool_reserve(spool, 3 * PAGE, &err), 0);
	assert_int_equal(spool_reserve(spool, 3 * PAGE + 1, &err), -1);
	spool_free(spool);
	spool_budget_give(one, PAGE);
	spool_budget_give(other, 4 * PAGE);
	assert_int_equal(spool_budget_free_bytes(budget), 16 * PAGE);
	spool_budget_close(other);
	spool_budget_close(one);
	spool_budget_close(budget);
	close(fd);
}

static void a_share_is_one_in_all_workers(void **state)
{
	int fd = budget_fd(16 * PAGE);
	struct spool_budget *here = slot(fd, 0), *there = slot(fd, 1);
	struct spool_budget *one = spool_budget_share(here, 7, 4 * PAGE, false);
	struct spool_budget *two = spool_budget_share(there, 7, 4 * PAGE, false);

	(void)state;
	assert_int_equal(spool_budget_seed(here), spool_budget_seed(there));
	assert_true(spool_budget_take(one, 6 * PAGE));
	assert_false(spool_budget_take(two, 1));
	assert_int_equal(spool_budget_free_bytes(two), 0);
	spool_budget_give(one, 4 * PAGE);
	assert_false(spool_budget_take(two, 3 * PAGE));
	assert_true(spool_budget_take(two, 2 * PAGE));
	/* what has no room at all takes nothing of the share */
	spool_budget_give(two, 2 * PAGE);
	assert_true(spool_budget_take(here, 13 * PAGE));
	assert_false(spool_budget_take(two, 2 * PAGE));
	spool_budget_give(here, 13 * PAGE);
	assert_true(spool_budget_take(two, 2 * PAGE));
	/* a worker that died gives back what it held of it */
	spool_budget_reclaim(there, 0);
	assert_true(spool_budget_take(two, 2 * PAGE));
	assert_int_equal(spool_budget_free_bytes(there), 12 * PAGE);
	spool_budget_close(one);
	spool_budget_close(two);
	spool_budget_close(here);
	spool_budget_close(there);
	close(fd);
}

static void shapes_have_a_share_of_their_own(void **state)
{
	int fd = budget_fd(64 * PAGE);
	struct spool_budget *budget = slot(fd, 0);
	struct shares *shares = shares_new(budget, 32 * PAGE);
	struct login_shares one, again;

	(void)state;
	shares_enter(shares, "bob", &one);
	shares_enter(shares, "BOB", &again);	/* many servers let both in */
	/* sessions that do not read hold an eighth, or one answer */
	assert_true(spool_budget_take(one.listing, 5 * PAGE));
	assert_false(spool_budget_take(again.listing, PAGE));
	spool_budget_give(one.listing, 2 * PAGE);
	assert_true(spool_budget_take(again.listing, PAGE));
	assert_false(spool_budget_take(one.listing, 1));
	/* and a message has as much room as without them */
	assert_true(spool_budget_take(one.reading, 17 * PAGE));
	assert_false(spool_budget_take(again.reading, 1));
	spool_budget_give(one.reading, 17 * PAGE);
	spool_budget_give(one.listing, 3 * PAGE);
	spool_budget_give(again.listing, PAGE);
	shares_leave(&one);
	shares_leave(&again);
	assert_int_equal(spool_budget_free_bytes(budget), 64 * PAGE);
	shares_free(shares);
	spool_budget_close(budget);
	close(fd);
}

static void what_is_sent_and_read_share(void **state)
{
	int fd = budget_fd(64 * PAGE);
	struct spool_budget *budget = slot(fd, 0);
	struct shares *shares = shares_new(budget, 32 * PAGE);
	struct login_shares one, again;
	struct err err = { 0 };
	struct spool *spool;

	(void)state;
	shares_enter(shares, "bob", &one);
	shares_enter(shares, "bob", &again);
	/* a message and its copies are one thing, which may be larger */
	spool = spool_new(one.sending, &err);
	assert_int_equal(spool_reserve(spool, 20 * PAGE, &err), 0);
	assert_int_equal(spool_budget_free_bytes(one.sending), 44 * PAGE);
	assert_true(spool_budget_take_output(one.sending, 20 * PAGE));
	assert_int_equal(spool_reserve(spool, 21 * PAGE, &err), 0);
	assert_int_equal(spool_budget_free_bytes(again.sending), 0);
	assert_false(spool_budget_take(again.sending, 1));
	assert_false(spool_budget_take_output(again.sending, 1));
	assert_false(spool_budget_take(again.reading, 1));
	spool_budget_give(one.sending, 20 * PAGE);
	/* where others hold some, it is three quarters, and half of it for readers */
	assert_true(spool_budget_take(again.sending, 3 * PAGE));
	assert_false(spool_budget_take(one.sending, 1));
	assert_false(spool_budget_take(again.sending, 1));
	spool_free(spool);
	assert_true(spool_budget_take(one.reading, 13 * PAGE));
	assert_false(spool_budget_take(again.reading, 1));
	assert_true(spool_budget_take(one.sending, 8 * PAGE));
	assert_false(spool_budget_take(one.sending, 1));
	spool_budget_give(again.sending, 3 * PAGE);
	spool_budget_give(one.reading, 13 * PAGE);
	spool_budget_give(one.sending, 8 * PAGE);
	shares_leave(&one);
	shares_leave(&again);
	assert_int_equal(spool_budget_free_bytes(budget), 64 * PAGE);
	shares_free(shares);
	spool_budget_close(budget);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_can_be_read_at_any_offset),
		cmocka_unit_test(runs_of_all_sizes_keep_their_order),
		cmocka_unit_test(what_is_made_of_a_message_may_pass_the_limit_but_not_by_much),
		cmocka_unit_test(a_finished_spool_can_never_be_changed_again),
		cmocka_unit_test(a_full_budget_refuses_and_what_is_freed_can_be_taken_again),
		cmocka_unit_test(workers_share_one_limit_and_the_dead_give_all_back),
		cmocka_unit_test(a_new_limit_counts_at_once_for_all),
		cmocka_unit_test(a_share_is_a_part_of_it),
		cmocka_unit_test(a_share_is_one_in_all_workers),
		cmocka_unit_test(shapes_have_a_share_of_their_own),
		cmocka_unit_test(what_is_sent_and_read_share),
		cmocka_unit_test(a_slot_that_is_not_there_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
