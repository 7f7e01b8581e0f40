#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/keys/gnupg_home.h"
#include "policy/keys/gnupg_options.h"
#include "policy/rules/conf.h"

static int set_up(void **state)
{
	char *dir = mem_strdup("/tmp/llgh-XXXXXX");

	*state = dir;
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	char *command = mem_printf("rm -rf '%s'", (char *)*state);
	int status = system(command);

	free(command);
	free(*state);
	return status;
}

static char *in(void **state, const char *name)
{
	return mem_printf("%s/%s", (char *)*state, name);
}

static void put(void **state, const char *name, const char *text)
{
	char *path = in(state, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	free(path);
}

static char *contents(void **state, const char *name)
{
	char *path = in(state, name), *text = mem_new(10000);
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	(void)!fread(text, 1, 9999, file);
	fclose(file);
	free(path);
	return text;
}

/* The problems of the home with this gpg.conf; strs_free() them. */
static struct strs problems_of(void **state, const char *conf, struct strs *missing)
{
	struct problems problems = { 0 };

	put(state, "gpg.conf", conf);
	gnupg_home_check(*state, &problems, missing);
	return problems.list;
}

static void a_home_without_options_gets_ours_and_gpg_takes_them(void **state)
{
	char *command = mem_printf("gpg --homedir '%s' --batch --list-keys 2>&1 | "
				   "grep -E 'invalid|obsolete|gpg.conf' && exit 1; exit 0",
				   (char *)*state);
	struct problems problems = { 0 };
	struct strs missing = { 0 };
	struct err err = { 0 };
	char *text;
	int status;

	assert_int_equal(gnupg_home_prepare(*state, false, &err), 0);
	text = contents(state, "gpg.conf");
	assert_string_equal(text, gnupg_options_ours);
	free(text);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 0);
	free(command);
	/* and we take them, too */
	gnupg_home_check(*state, &problems, &missing);
	assert_int_equal(problems.list.n, 0);
	assert_int_equal(missing.n, 0);
}

/* Under trust-model always gpg itself would not make its trustdb, but die for
 * lack of it. */
static void a_revocation_can_be_imported_first_of_all(void **state)
{
	static const char script[] =
		"cd '%s' && '%s/tests/keys/make-home' made || exit 1\n"
		"gpg() { command gpg --batch --quiet --no-tty --pinentry-mode loopback \"$@\"; }\n"
		"gpg --homedir made --export bob@example.org | gpg --homedir new --import\n"
		"printf 'y\n0\n\ny\n' | gpg --homedir made --no-batch --command-fd 0 "
		"--gen-revoke bob@example.org 2>log >bob.rev\n"
		"gpg --homedir new --import bob.rev 2>>log; status=$?\n"
		"gpg --homedir new --with-colons --list-keys | grep -q ^pub:r: || status=9\n"
		"for each in made new; do gpgconf --homedir \"$PWD/$each\" --kill all; done\n"
		"exit $status";
	const char *srcdir = getenv("srcdir");
	char *home = in(state, "new");
	char *command = mem_printf(script, (char *)*state, srcdir ? srcdir : ".");
	struct err err = { 0 };
	int status;

	assert_int_equal(gnupg_home_prepare(home, true, &err), 0);
	status = system(command);
	assert_int_equal(WEXITSTATUS(status), 0);
	free(command);
	free(home);
}

static void options_that_are_there_stay(void **state)
{
	char *text;

	put(state, "gpg.conf", "batch\n");
	assert_int_equal(gnupg_home_prepare(*state, true, NULL), 0);
	text = contents(state, "gpg.conf");
	assert_string_equal(text, "batch\n");
	free(text);
}

static void options_for_a_version_of_gpg_count_as_options(void **state)
{
	char *path = in(state, "gpg.conf");

	put(state, "gpg.conf-2.2", "batch\n");
	assert_int_equal(gnupg_home_prepare(*state, true, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	free(path);
}

static void a_missing_home_is_made_only_when_asked_for_and_for_us_alone(void **state)
{
	char *path = in(state, "new");
	struct err err = { 0 };
	struct stat status;

	assert_int_equal(gnupg_home_prepare(path, false, &err), -1);
	assert_int_equal(err.kind, ERR_CONF);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(gnupg_home_prepare(path, true, &err), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 07777, 0700);
	free(path);
}

static void what_is_no_directory_or_too_long_is_refused(void **state)
{
	char *path = in(state, "file"), *longer;
	struct err err = { 0 };

	put(state, "file", "");
	assert_int_equal(gnupg_home_prepare(path, true, &err), -1);
	assert_non_null(strstr(err.text, "no directory"));
	free(path);
	longer = mem_printf("%s/%0*d", (char *)*state, 89 - (int)strlen(*state), 0);
	assert_int_equal(strlen(longer), 90);
	assert_int_equal(gnupg_home_prepare(longer, true, &err), -1);
	assert_non_null(strstr(err.text, "89 bytes"));
	longer[89] = '\0';
	assert_int_equal(gnupg_home_prepare(longer, true, &err), 0);
	free(longer);
}

/* THREATS 118 and 143, and what else changes what Letterlock asks for. */
static const char *const dangerous[] = {
	"ignore-mdc-error", "rfc2440", "personal-cipher-preferences 3DES", "auto-key-retrieve",
	"default-recipient 0x1", "encrypt-to 0x1", "group me = 0x1 0x2", "output /tmp/x",
	"hidden-encrypt-to 0x1", "default-recipient-self", "encrypt-to-default-key",
	"recipient 0x1", "local-user 0x1", "throw-keyids", "cipher-algo 3DES",
	"digest-algo SHA1", "compliance pgp7", "keyring /tmp/other.kbx", "no-default-keyring",
	"auto-key-locate wkd", "auto-key-locate local,wkd",
	"keyserver-options auto-key-retrieve", "faked-system-time 20200101T000000",
	"textmode", "dry-run", "symmetric", "override-session-key x", "agent-program /tmp/x",
	"allow-non-selfsigned-uid", "status-file /tmp/x", "  encrypt-to   0x1  ",
	"\tencrypt-to 0x1", "encrypt-to 0x1\r", "encrypt-to \"0x1\"", "digest-algo",
};

static void each_dangerous_option_is_said_with_file_and_line(void **state)
{
	for (size_t i = 0; i < sizeof(dangerous) / sizeof(*dangerous); i++) {
		char *text = mem_printf("# comment\n\n%s\nbatch\n", dangerous[i]);
		char *where = mem_printf("%s/gpg.conf:3: ", (char *)*state);
		struct strs list = problems_of(state, text, NULL);

		if (list.n != 1 || strncmp(list.at[0], where, strlen(where)) != 0)
			fail_msg("%s: %zu problems, %s", dangerous[i], list.n,
				 list.n ? list.at[0] : "");
		assert_non_null(strstr(list.at[0], "take the line out"));
		strs_free(&list);
		free(where);
		free(text);
	}
}

static void options_that_do_no_harm_are_left_alone(void **state)
{
	struct strs list = problems_of(state,
		"# encrypt-to 0x1\n  # group a=b\nkeyid-format long\nno-encrypt-to\n"
		"digest-algo SHA512\ncipher-algo AES256\nauto-key-locate local\n"
		"auto-key-locate clear,local\ncompliance de-vs\nencrypt-to-nothing\n"
		"default-key 0x1\ncompress-level 0\nkeyserver-options no-auto-key-retrieve", NULL);

	for (size_t i = 0; i < list.n; i++)
		fail_msg("%s", list.at[i]);
	strs_free(&list);
}

static void all_problems_of_all_files_are_said(void **state)
{
	struct strs list;

	put(state, "gpg.conf-2", "textmode\n");
	put(state, "gpg.conf~", "textmode\n");
	put(state, "gpg.conf-old", "textmode\n");
	list = problems_of(state, "encrypt-to 0x1\nbatch\ngroup a=b\n", NULL);
	assert_int_equal(list.n, 3);
	strs_free(&list);
}

static void what_is_missing_for_speed_is_named(void **state)
{
	struct strs missing = { 0 };
	struct strs list = problems_of(state, "no-random-seed-file\ntrust-model always\n",
				       &missing);

	assert_int_equal(list.n, 0);
	assert_false(strs_has_nocase(&missing, span_str("no-random-seed-file")));
	assert_false(strs_has_nocase(&missing, span_str("trust-model")));
	assert_true(strs_has_nocase(&missing, span_str("no-auto-key-locate")));
	assert_true(strs_has_nocase(&missing, span_str("disable-dirmngr")));
	assert_true(strs_has_nocase(&missing, span_str("no-auto-check-trustdb")));
	strs_free(&missing);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_home_without_options_gets_ours_and_gpg_takes_them),
		TEST(a_revocation_can_be_imported_first_of_all),
		TEST(options_that_are_there_stay),
		TEST(options_for_a_version_of_gpg_count_as_options),
		TEST(a_missing_home_is_made_only_when_asked_for_and_for_us_alone),
		TEST(what_is_no_directory_or_too_long_is_refused),
		TEST(each_dangerous_option_is_said_with_file_and_line),
		TEST(options_that_do_no_harm_are_left_alone),
		TEST(all_problems_of_all_files_are_said),
		TEST(what_is_missing_for_speed_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
