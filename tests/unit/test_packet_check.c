#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/job/output.h"
#include "policy/job/packet_check.h"
#include "policy/keys/key_index.h"
#include "seal_world.h"

static struct seal_world world;

static const struct key *key_of(const char *address)
{
	return key_index_get(world.keys, span_str(seal_world_fingerprint(&world, address)));
}

/* What packet_check says of `armor` for these keys; "" when it is content. */
static char *said(const char *armor, const struct key *const *keys, size_t n)
{
	struct err err = { 0 };
	int fd = output_memory(NULL), result;

	/* bytes around what it is to look at must not matter */
	assert_int_equal(write(fd, "before", 6), 6);
	assert_int_equal(write(fd, armor, strlen(armor)), strlen(armor));
	assert_int_equal(write(fd, "behind", 6), 6);
	result = packet_check(fd, 6, 6 + strlen(armor), keys, n, &err);
	close(fd);
	assert_true(result == 0 || err.text[0]);
	return mem_strdup(result == 0 ? "" : err.text);
}

static void wants(const char *arguments, const struct key *const *keys, size_t n,
		  const char *want)
{
	char *armor = seal_world_gpg(&world, arguments, "words"), *got = said(armor, keys, n);

	if (*want ? !strstr(got, want) : *got)
		fail_msg("%s: \"%s\"", arguments, got);
	free(armor);
	free(got);
}

static void exactly_the_chosen_keys_are_named(void **state)
{
	const struct key *bob[] = { key_of(BOB) }, *carol[] = { key_of(CAROL) };
	const struct key *both[] = { key_of(CAROL), key_of(BOB) };
	const struct key *twice[] = { key_of(BOB), key_of(BOB) };

	(void)state;
	wants("--armor -e -r " BOB, bob, 1, "");
	wants("--armor -e -r " BOB " -r " CAROL, both, 2, "");
	wants("--armor -s -e -u " ALICE " -r " BOB, bob, 1, "");
	wants("--armor -e -r twosub@example.org", (const struct key *[]){
	      key_of("twosub@example.org") }, 1, "");
	wants("--armor -e -r " BOB, carol, 1, "which nobody chose");
	wants("--armor -e -r " BOB, both, 2, "1 keys instead of 2");
	wants("--armor -e -r " BOB " -r " CAROL, bob, 1, "2 keys instead of 1");
	wants("--armor -e -r " BOB " --encrypt-to " DAVE, bob, 1, "2 keys instead of 1");
	wants("--armor -e -r " BOB " --hidden-encrypt-to " DAVE, bob, 1, "2 keys instead of 1");
	wants("--armor -e -R " BOB, bob, 1, "which nobody chose");
	wants("--armor -e -r " BOB " -r " CAROL, twice, 2, "which nobody chose");
	wants("--armor --passphrase x --pinentry-mode loopback -c -e -r " BOB, bob, 1,
	      "passphrase");
}

static void what_is_no_encrypted_message_is_refused(void **state)
{
	const struct key *bob[] = { key_of(BOB) };
	char *armor = seal_world_gpg(&world, "--armor -e -r " BOB, "words");
	char *around = mem_printf("words\n%s", armor), *two = mem_printf("%s%s", armor, armor);
	char *got;

	(void)state;
	wants("--armor --store", bob, 1, "no encrypted message");
	wants("--armor -s -u " ALICE, bob, 1, "no encrypted message");
	wants("-e -r " BOB, bob, 1, "no encrypted message");
	got = said(around, bob, 1);
	assert_non_null(strstr(got, "no encrypted message"));
	free(got);
	got = said(two, bob, 1);
	assert_non_null(strstr(got, "no encrypted message"));
	free(got);
	armor[strlen(armor) / 2] = '\0';
	got = said(armor, bob, 1);
	assert_non_null(strstr(got, "no encrypted message"));
	free(got);
	got = said("", bob, 1);
	assert_non_null(strstr(got, "no encrypted message"));
	free(got);
	free(armor);
	free(around);
	free(two);
}

static int set_up(void **state)
{
	(void)state;
	seal_world_make(&world);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	seal_world_end(&world);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_chosen_keys_are_named),
		cmocka_unit_test(what_is_no_encrypted_message_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
