#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/run/child.h"
#include "policy/store/journal.h"
#include "proxy/run/states.h"

static const struct child_account ourselves = { .drop = false };

/* A directory with the names of two state files, and two gateways. */
struct place {
	char dir[32], path[64], other[64];
	struct states *one, *two;
};

static int set_up(void **state)
{
	struct place *place = mem_new(sizeof(*place));

	snprintf(place->dir, sizeof(place->dir), "/tmp/llstatesXXXXXX");
	assert_non_null(mkdtemp(place->dir));
	snprintf(place->path, sizeof(place->path), "%s/state.db", place->dir);
	snprintf(place->other, sizeof(place->other), "%s/other.db", place->dir);
	place->one = states_new();
	place->two = states_new();
	*state = place;
	return 0;
}

static int tear_down(void **state)
{
	struct place *place = *state;

	states_free(place->one);
	states_free(place->two);
	(void)unlink(place->path);
	(void)unlink(place->other);
	assert_int_equal(rmdir(place->dir), 0);
	free(place);
	return 0;
}

static struct states_file *take(struct states *states, const char *path)
{
	struct err err = { 0 };
	struct states_file *file = states_take(states, path, &ourselves, &err);

	if (!file)
		fail_msg("%s", err.text);
	return file;
}

static void refused(struct states *states, const char *path, const char *why)
{
	struct err err = { 0 };

	assert_null(states_take(states, path, &ourselves, &err));
	assert_int_equal(err.kind, ERR_CONF);
	assert_non_null(strstr(err.text, path));
	assert_non_null(strstr(err.text, why));
}

static void a_state_is_for_one_gateway_whatever_it_is_called(void **state)
{
	struct place *place = *state;
	struct states_file *held = take(place->one, place->path);

	refused(place->two, place->path, "another gateway");
	assert_int_equal(symlink(place->path, place->other), 0);
	refused(place->two, place->other, "another gateway");
	assert_int_equal(unlink(place->other), 0);
	states_give(place->two, take(place->two, place->other));
	states_give(place->one, held);
	states_give(place->two, take(place->two, place->path));
	states_give(place->two, NULL);
}

static void within_one_it_is_shared_until_the_last_gives_it(void **state)
{
	struct place *place = *state;
	struct states_file *old = take(place->one, place->path);
	struct states_file *new = take(place->one, place->path);

	states_give(place->one, old);
	refused(place->two, place->path, "another gateway");
	states_give(place->one, new);
	states_give(place->two, take(place->two, place->path));
}

static void one_that_was_moved_away_is_not_the_one_in_its_place(void **state)
{
	struct place *place = *state;
	struct states_file *old = take(place->one, place->path);

	assert_int_equal(rename(place->path, place->other), 0);
	states_give(place->one, take(place->one, place->path));
	refused(place->two, place->other, "another gateway");
	states_give(place->two, take(place->two, place->path));
	states_give(place->one, old);
}

static void who_reads_and_writes_it_needs_no_lock_and_takes_none_away(void **state)
{
	struct place *place = *state;
	struct err err = { 0 };

	take(place->one, place->path);
	for (int i = 0; i < 2; i++) {
		struct journal *journal = journal_open(place->path, &err);

		assert_non_null(journal);
		journal_close(journal);
		refused(place->two, place->path, "another gateway");
	}
}

static void what_is_made_is_the_account_s_alone(void **state)
{
	struct place *place = *state;
	struct child_account account;
	struct err err = { 0 };
	struct stat status;

	assert_int_equal(child_account("nobody", &account, &err), 0);
	if (!account.drop)
		skip();		/* only root has others work for it */
	assert_null(states_take(place->one, place->path, &account, &err));
	assert_non_null(strstr(err.text, "ermission denied"));
	assert_int_equal(access(place->path, F_OK), -1);
	assert_int_equal(chown(place->dir, account.uid, account.gid), 0);
	assert_non_null(states_take(place->one, place->path, &account, &err));
	assert_int_equal(stat(place->path, &status), 0);
	assert_int_equal(status.st_uid, account.uid);
	assert_int_equal(status.st_mode & 0777, 0600);
	refused(place->two, place->path, "another gateway");
}

static void what_cannot_be_opened_is_said(void **state)
{
	struct place *place = *state;
	char *path = mem_printf("%s/none/state.db", place->dir);

	refused(place->one, path, "o such file");
	free(path);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_state_is_for_one_gateway_whatever_it_is_called),
		TEST(within_one_it_is_shared_until_the_last_gives_it),
		TEST(one_that_was_moved_away_is_not_the_one_in_its_place),
		TEST(who_reads_and_writes_it_needs_no_lock_and_takes_none_away),
		TEST(what_is_made_is_the_account_s_alone),
		TEST(what_cannot_be_opened_is_said),
	};

	umask(077);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
