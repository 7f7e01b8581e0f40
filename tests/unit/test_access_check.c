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

#include "policy/run/access_check.h"
#include "policy/run/snapshot.h"
#include "tests/unit/memory_source.h"

#define CONF "[listen in]\naddress = 127.0.0.1:1587\nupstream = up\ntls = starttls\n" \
	     "certificate = gw.pem\nprivate-key = gw.key\n" \
	     "[upstream up]\naddress = smtp.example.com:587\nca-file = ca.pem\n" \
	     "[gateway]\npolicy = policy.conf\nstate = var/state.db\nruntime-dir = run\n" \
	     "[keys]\ngnupg-home = gnupg\n"

/* What the gateway goes by, and how it should be. */
static const struct {
	const char *name, *text;	/* NULL: a directory */
	mode_t mode;
} things[] = {
	{ "letterlock.conf", CONF, 0644 },
	{ "policy.conf", "[rule a]\nto = file:list\nencrypt = require\n", 0644 },
	{ "list", "*@x.example\n", 0644 },
	{ "gw.pem", "", 0644 },
	{ "gw.key", "", 0600 },
	{ "ca.pem", "", 0644 },
	{ "var", NULL, 0755 },
	{ "var/state.db", "", 0600 },
	{ "var/state.db-wal", "", 0600 },
	{ "run", NULL, 0755 },
	{ "gnupg", NULL, 0700 },
	{ "gnupg/pubring.kbx", "", 0644 },
	{ "gnupg/private-keys-v1.d", NULL, 0700 },
	{ "gnupg/private-keys-v1.d/k.key", "", 0600 },
};

enum { THINGS = sizeof(things) / sizeof(*things) };

static char *in_dir(const char *dir, const char *name)
{
	return mem_printf("%s/%s", dir, name);
}

static void set_mode(const char *dir, const char *name, mode_t mode)
{
	char *path = in_dir(dir, name);

	assert_int_equal(chmod(path, mode), 0);
	free(path);
}

static void put(const char *dir, const char *name, const char *text)
{
	char *path = in_dir(dir, name);
	FILE *file = fopen(path, "w");

	fputs(text, file);
	fclose(file);
	free(path);
}

static int set_up(void **state)
{
	char *dir = mem_strdup("/tmp/llaccessXXXXXX");

	if (!mkdtemp(dir) || chmod(dir, 0755) < 0 || chown(dir, geteuid(), getegid()) < 0)
		return -1;
	for (size_t i = 0; i < THINGS; i++) {
		char *path = in_dir(dir, things[i].name);

		if (things[i].text)
			put(dir, things[i].name, things[i].text);
		else if (mkdir(path, 0700) < 0)
			return -1;
		free(path);
		set_mode(dir, things[i].name, things[i].mode);
	}
	*state = dir;
	return 0;
}

static int tear_down(void **state)
{
	for (size_t i = THINGS; i-- > 0;) {
		char *path = in_dir(*state, things[i].name);

		remove(path);
		free(path);
	}
	rmdir(*state);
	free(*state);
	return 0;
}

/* The problems, with the directory's path left out. */
static char *told_of(const char *dir)
{
	struct snapshot *snapshot = snapshot_new();
	struct source source = snapshot_source(snapshot);
	struct problems read = { 0 }, problems = { 0 };
	char *path = in_dir(dir, "letterlock.conf"), *prefix = in_dir(dir, ""), *told, *at;
	struct conf conf;

	conf_read(&source, path, &conf, &read);
	access_check(&conf, snapshot, &problems);
	told = problems_text(&problems);
	while ((at = strstr(told, prefix)))
		memmove(at, at + strlen(prefix), strlen(at + strlen(prefix)) + 1);
	conf_free(&conf);
	snapshot_free(snapshot);
	strs_free(&read.list);
	free(prefix);
	free(path);
	return told;
}

static void expect(const char *dir, const char *what, const char *want)
{
	char *told = told_of(dir);

	if (*want ? !strstr(told, want) : *told)
		fail_msg("%s: \"%s\" instead of \"%s\"", what, told, want);
	free(told);
}

static void what_nobody_else_can_change_is_no_problem(void **state)
{
	expect(*state, "as it should be", "");
}

static void what_others_may_write_to_or_read_is_a_problem(void **state)
{
	static const struct {
		const char *name;
		mode_t mode;
		const char *want;	/* "": none */
	} cases[] = {
		{ "letterlock.conf", 0646, "others may write to this file; write: chmod go-w " },
		{ "policy.conf", 0666, "others may write to this file; write: chmod go-w " },
		{ "list", 0646, "others may write to this file; write: chmod go-w " },
		{ "ca.pem", 0646, "others may write to this file; write: chmod go-w " },
		{ "gw.pem", 0646, "others may write to this file; write: chmod go-w " },
		{ "gw.key", 0604, "others may read this file, which is secret; write: chmod 600 " },
		{ "gw.key", 0602, "others may write to this file; write: chmod 600 " },
		{ "var", 0757, "others may write to this directory" },
		{ "var", 01777, "" },
		{ "var/state.db", 0604, "others may read this file, which is secret" },
		{ "var/state.db-wal", 0606, "others may write to this file; write: chmod 600 " },
		{ "run", 0757, "others may write to this directory" },
		{ "gnupg", 0707, "others may write to this directory" },
		{ "gnupg/pubring.kbx", 0666, "others may write to this file; write: chmod go-w " },
		{ "gnupg/private-keys-v1.d", 0705, "others may look into this directory" },
		{ "gnupg/private-keys-v1.d/k.key", 0604, "others may read this file" },
		{ ".", 0757, "others may write to this directory" },
		{ ".", 0700, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *want = mem_printf("%s%s%s", strcmp(cases[i].name, ".") ? cases[i].name : "",
					strcmp(cases[i].name, ".") ? ": " : "", cases[i].want);
		mode_t old = 0755;

		for (size_t k = 0; k < THINGS; k++)
			if (strcmp(things[k].name, cases[i].name) == 0)
				old = things[k].mode;
		set_mode(*state, cases[i].name, cases[i].mode);
		expect(*state, cases[i].name, *cases[i].want ? want : "");
		set_mode(*state, cases[i].name, old);
		free(want);
	}
	expect(*state, "as it was", "");
}

static void what_nobody_can_reach_needs_no_care(void **state)
{
	set_mode(*state, "policy.conf", 0666);
	set_mode(*state, "var/state.db", 0666);
	set_mode(*state, ".", 0700);
	expect(*state, "in a private directory", "");
}

static void what_belongs_to_another_is_a_problem(void **state)
{
	static const char *const names[] = { "policy.conf", "var", "gw.key", "gnupg/pubring.kbx" };

	if (geteuid() != 0)
		skip();
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char *path = in_dir(*state, names[i]);
		char *want = mem_printf("%s: belongs to 4711, who could change what the gateway "
					"does; write: chown root %s", names[i], names[i]);

		assert_int_equal(chown(path, 4711, 0), 0);
		expect(*state, names[i], want);
		assert_int_equal(chown(path, 0, 0), 0);
		free(want);
		free(path);
	}
	expect(*state, "all of root", "");
}

static void a_group_is_others_but_for_that_of_root(void **state)
{
	char *conf = in_dir(*state, "policy.conf"), *key = in_dir(*state, "gw.key");

	if (geteuid() != 0)
		skip();
	set_mode(*state, "policy.conf", 0664);
	set_mode(*state, "gw.key", 0640);
	expect(*state, "of the group of root", "");
	assert_int_equal(chown(conf, 0, 4711), 0);
	expect(*state, "writable", "policy.conf: others may write to this file");
	assert_int_equal(chown(conf, 0, 0), 0);
	assert_int_equal(chown(key, 0, 4711), 0);
	expect(*state, "readable", "gw.key: others may read this file");
	free(conf);
	free(key);
}

static void a_link_is_looked_at_where_it_leads(void **state)
{
	char *path = in_dir(*state, "list"), *other = mem_strdup("/tmp/llaccesslXXXXXX");
	int fd = mkstemp(other);

	assert_true(fd >= 0 && fchmod(fd, 0666) == 0);
	assert_int_equal(remove(path), 0);
	assert_int_equal(symlink(other, path), 0);
	expect(*state, "a link to a file that others may write", "others may write to this file");
	assert_int_equal(fchmod(fd, 0644), 0);
	expect(*state, "a link to a good file", "");
	close(fd);
	remove(other);
	free(other);
	free(path);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_nobody_else_can_change_is_no_problem),
		TEST(what_others_may_write_to_or_read_is_a_problem),
		TEST(what_nobody_can_reach_needs_no_care),
		TEST(what_belongs_to_another_is_a_problem),
		TEST(a_group_is_others_but_for_that_of_root),
		TEST(a_link_is_looked_at_where_it_leads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
