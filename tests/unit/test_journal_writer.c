#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/run/journal_writer.h"

static const char id[] =
	"3333333333333333333333333333333333333333333333333333333333333333";

struct place {
	char dir[32];
	char *path;
};

static int set_up(void **state)
{
	struct place *place = mem_new(sizeof(*place));

	memcpy(place->dir, "/tmp/llwriterXXXXXX", 20);
	if (!mkdtemp(place->dir))
		return -1;
	place->path = mem_printf("%s/state.db", place->dir);
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	for (int i = 0; i < 3; i++) {
		char *path = mem_printf("%s%s", place->path,
					i == 0 ? "" : i == 1 ? "-wal" : "-shm");

		unlink(path);
		free(path);
	}
	rmdir(place->dir);
	free(place->path);
	free(place);
	return 0;
}

static struct journal_writer *opened(const struct place *place)
{
	struct err err = { 0 };
	struct journal_writer *writer = journal_writer_new(place->path, &err);

	assert_non_null(writer);
	return writer;
}

static bool put(struct journal_writer *writer, const char *recipient, uint64_t number)
{
	struct journal_change change = { .recipients = { 0 } };
	bool taken;

	memcpy(change.id, id, sizeof(id));
	if (recipient)
		strs_add(&change.recipients, span_str(recipient));
	taken = journal_writer_put(writer, &change, 7, number);
	if (!taken)
		strs_free(&change.recipients);
	return taken;
}

static void wait_for(struct journal_writer *writer, struct journal_done *done)
{
	struct pollfd event = { .fd = journal_writer_descriptor(writer),
				.events = POLLIN };

	while (!journal_writer_done(writer, done))
		assert_int_equal(poll(&event, 1, 60000), 1);
}

static size_t had(const struct place *place)
{
	struct err err = { 0 };
	struct journal *journal = journal_open(place->path, &err);
	struct strs list = { 0 };
	size_t n;

	assert_int_equal(journal_find(journal, id, time(NULL), &list, &err), 0);
	n = list.n;
	strs_free(&list);
	journal_close(journal);
	return n;
}

static void each_is_told_when_it_is_on_the_disc_in_order(void **state)
{
	struct journal_writer *writer = opened(*state);
	struct journal_done done;

	for (uint64_t i = 0; i < 600; i++) {
		char *address = mem_printf("%u@x", (unsigned)i);

		assert_true(put(writer, address, i));
		free(address);
	}
	for (uint64_t i = 0; i < 600; i++) {
		wait_for(writer, &done);
		assert_int_equal(done.err.kind, ERR_NONE);
		assert_int_equal(done.link, 7);
		assert_int_equal(done.id, i);
	}
	assert_false(journal_writer_done(writer, &done));
	assert_int_equal(had(*state), 600);
	assert_true(put(writer, NULL, 1000));
	wait_for(writer, &done);
	assert_int_equal(had(*state), 0);
	journal_writer_free(writer);
}

/* From when that is asked for: the disc may still have it. */
static void what_is_to_be_forgotten_is_never_taken_for_what_was_sent(void **state)
{
	struct journal_writer *writer = opened(*state);
	struct journal_done done;
	unsigned pending = 0;

	for (uint64_t i = 0; i < 50; i++) {
		assert_true(put(writer, "bob@x", 2 * i));
		assert_false(journal_writer_forgets(writer, id));
		wait_for(writer, &done);
		assert_true(put(writer, NULL, 2 * i + 1));
		while (journal_writer_forgets(writer, id))
			pending++;
		assert_int_equal(had(*state), 0);
		wait_for(writer, &done);
	}
	assert_true(pending > 0);
	/* what comes behind it counts again */
	assert_true(put(writer, NULL, 200));
	assert_true(put(writer, "eve@x", 201));
	assert_false(journal_writer_forgets(writer, id));
	wait_for(writer, &done);
	wait_for(writer, &done);
	assert_int_equal(had(*state), 1);
	journal_writer_free(writer);
}

static void what_waits_at_the_end_is_still_written(void **state)
{
	struct journal_writer *writer = opened(*state);

	assert_true(put(writer, "bob@x", 1));
	assert_true(put(writer, "eve@x", 2));
	journal_writer_free(writer);
	assert_int_equal(had(*state), 2);
	journal_writer_free(NULL);
}

static void a_full_disc_is_told_and_is_tried_again(void **state)
{
	struct journal_writer *writer = opened(*state);
	struct rlimit before, none;
	struct journal_done done;
	char *huge = mem_new(60000 + 1);

	memset(huge, 'h', 60000);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none = before;
	none.rlim_cur = 64 * 1024;
	setrlimit(RLIMIT_FSIZE, &none);
	assert_true(put(writer, huge, 1));
	wait_for(writer, &done);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(done.err.kind, ERR_TEMP);
	assert_non_null(strstr(done.err.text, "writing the journal"));
	assert_int_equal(had(*state), 0);
	assert_true(put(writer, huge, 2));
	wait_for(writer, &done);
	assert_int_equal(done.err.kind, ERR_NONE);
	assert_int_equal(had(*state), 1);
	journal_writer_free(writer);
	free(huge);
}

static void a_state_that_cannot_be_opened_is_said(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(journal_writer_new("/nonexistent/state.db", &err));
	assert_int_equal(err.kind, ERR_CONF);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(each_is_told_when_it_is_on_the_disc_in_order),
		TEST(what_is_to_be_forgotten_is_never_taken_for_what_was_sent),
		TEST(what_waits_at_the_end_is_still_written),
		TEST(a_full_disc_is_told_and_is_tried_again),
		TEST(a_state_that_cannot_be_opened_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
