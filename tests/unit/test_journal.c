#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/store/db.h"
#include "policy/store/journal.h"

enum { NOW = 1800000000 };

static const char one[] =
	"1111111111111111111111111111111111111111111111111111111111111111";
static const char two[] =
	"2222222222222222222222222222222222222222222222222222222222222222";

struct place {
	char dir[32];
	char *path;
};

static int set_up(void **state)
{
	struct place *place = mem_new(sizeof(*place));

	memcpy(place->dir, "/tmp/lljournalXXXXXX", 21);
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

static struct journal *opened(const struct place *place)
{
	struct err err = { 0 };
	struct journal *journal = journal_open(place->path, &err);

	assert_string_equal(err.text, "");
	assert_non_null(journal);
	return journal;
}

static int note(struct journal *journal, const char *id, int64_t now,
		const char *first, const char *second)
{
	struct journal_change change = { 0 };
	struct err err = { 0 };
	int ret;

	memcpy(change.id, id, sizeof(change.id));
	if (first)
		strs_add(&change.recipients, span_str(first));
	if (second)
		strs_add(&change.recipients, span_str(second));
	ret = journal_write(journal, &change, 1, now, &err);
	assert_int_equal(err.kind, ret < 0 ? ERR_TEMP : ERR_NONE);
	strs_free(&change.recipients);
	return ret;
}

/* How many have had `id`; `who`, unless NULL, must be among them. */
static size_t had(struct journal *journal, const char *id, int64_t now,
		  const char *who)
{
	struct strs list = { 0 };
	struct err err = { 0 };
	size_t n;

	assert_int_equal(journal_find(journal, id, now, &list, &err), 0);
	if (who)
		assert_true(strs_has_nocase(&list, span_str(who)));
	n = list.n;
	strs_free(&list);
	return n;
}

static void what_was_accepted_is_known_also_after_a_restart(void **state)
{
	struct journal *journal = opened(*state);

	assert_int_equal(had(journal, one, NOW, NULL), 0);
	assert_int_equal(note(journal, one, NOW, "bob@x", "eve@x"), 0);
	assert_int_equal(note(journal, one, NOW, "bob@x", NULL), 0);
	assert_int_equal(note(journal, two, NOW, "Bob@x", NULL), 0);
	journal_close(journal);
	journal = opened(*state);
	assert_int_equal(had(journal, one, NOW, "eve@x"), 2);
	assert_int_equal(had(journal, two, NOW, "bob@x"), 1);
	journal_close(journal);
}

static void a_process_killed_after_the_answer_has_lost_nothing(void **state)
{
	struct journal *journal;
	pid_t child = fork();
	int status;

	if (child == 0) {
		journal = opened(*state);
		note(journal, one, NOW, "bob@x", NULL);
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	journal = opened(*state);
	assert_int_equal(had(journal, one, NOW, "bob@x"), 1);
	journal_close(journal);
}

static void what_was_completed_is_forgotten_and_nothing_else(void **state)
{
	struct journal *journal = opened(*state);

	note(journal, one, NOW, "bob@x", "eve@x");
	note(journal, two, NOW, "bob@x", NULL);
	assert_int_equal(note(journal, one, NOW, NULL, NULL), 0);
	assert_int_equal(had(journal, one, NOW, NULL), 0);
	assert_int_equal(had(journal, two, NOW, NULL), 1);
	journal_close(journal);
}

static void an_entry_counts_for_a_day(void **state)
{
	struct journal *journal = opened(*state);
	int64_t end = NOW + JOURNAL_SECONDS;

	note(journal, one, NOW, "bob@x", NULL);
	assert_int_equal(had(journal, one, end - 1, NULL), 1);
	assert_int_equal(had(journal, one, end, NULL), 0);
	/* a later change takes it off the disc */
	note(journal, two, end, "bob@x", NULL);
	assert_int_equal(had(journal, one, NOW, NULL), 0);
	journal_close(journal);
}

static void two_processes_see_what_the_other_wrote(void **state)
{
	struct journal *old = opened(*state), *new = opened(*state);

	note(old, one, NOW, "bob@x", NULL);
	assert_int_equal(had(new, one, NOW, NULL), 1);
	note(new, one, NOW, NULL, NULL);
	assert_int_equal(had(old, one, NOW, NULL), 0);
	journal_close(old);
	journal_close(new);
}

static void a_full_disc_is_an_error_and_leaves_the_rest_as_it_was(void **state)
{
	struct journal *journal = opened(*state);
	struct rlimit before, none;
	char *long_name = mem_new(60001);

	memset(long_name, 'l', 60000);
	assert_int_equal(note(journal, one, NOW, "bob@x", NULL), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	none = before;
	none.rlim_cur = 64 * 1024;
	setrlimit(RLIMIT_FSIZE, &none);
	assert_int_equal(note(journal, two, NOW, "eve@x", long_name), -1);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(had(journal, two, NOW, NULL), 0);
	assert_int_equal(had(journal, one, NOW, NULL), 1);
	assert_int_equal(note(journal, two, NOW, "eve@x", long_name), 0);
	assert_int_equal(had(journal, two, NOW, NULL), 2);
	journal_close(journal);
	free(long_name);
}

static void refused(const struct place *place, const char *why)
{
	struct err err = { 0 };

	assert_null(journal_open(place->path, &err));
	assert_int_equal(err.kind, ERR_CONF);
	assert_non_null(strstr(err.text, place->path));
	assert_non_null(strstr(err.text, why));
}

static void write_over(const char *path, off_t at, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(pwrite(fd, text, strlen(text), at), strlen(text));
	close(fd);
}

static void a_file_that_is_none_of_ours_is_refused(void **state)
{
	struct place *place = *state;
	struct err err = { 0 };
	struct db *db;

	write_over(place->path, 0, "this is no database, but it is long enough, "
		   "one would think, to be the first page of one: and so it is "
		   "looked at and not taken for an empty file");
	refused(place, "not a database");
	unlink(place->path);
	db = db_open(place->path, &err);
	assert_int_equal(db_run(db, "PRAGMA user_version = 1000", NULL, 0, &err), 0);
	db_close(db);
	refused(place, "newer");
	db = NULL;
	write_over(place->path, 68, "XXXX");	/* application_id */
	refused(place, "another program");
}

static void a_damaged_file_is_refused(void **state)
{
	struct place *place = *state;
	struct journal *journal = opened(place);
	struct stat status;

	note(journal, one, NOW, "bob@x", "eve@x");
	journal_close(journal);
	stat(place->path, &status);
	assert_int_equal(status.st_mode & 077, 0);
	for (off_t at = 4096; at < status.st_size; at += 16)
		write_over(place->path, at, "damageddamageddd");
	refused(place, "damaged");
}

static void a_directory_that_is_not_there_is_said(void **state)
{
	struct place *place = *state;
	char *path = place->path;

	place->path = mem_printf("%s/none/state.db", place->dir);
	refused(place, "unable to open");
	free(place->path);
	place->path = path;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_was_accepted_is_known_also_after_a_restart),
		TEST(a_process_killed_after_the_answer_has_lost_nothing),
		TEST(what_was_completed_is_forgotten_and_nothing_else),
		TEST(an_entry_counts_for_a_day),
		TEST(two_processes_see_what_the_other_wrote),
		TEST(a_full_disc_is_an_error_and_leaves_the_rest_as_it_was),
		TEST(a_file_that_is_none_of_ours_is_refused),
		TEST(a_damaged_file_is_refused),
		TEST(a_directory_that_is_not_there_is_said),
	};

	umask(077);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
