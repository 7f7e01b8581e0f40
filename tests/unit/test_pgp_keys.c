#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/pgp.h"
#include "policy/crypto/pgp_facts.h"
#include "policy/keys/gnupg_home.h"
#include "policy/keys/key_index.h"
#include "tests/unit/key_home.h"

struct world {
	struct key_home *home;
	struct pgp *pgp;
};

static int set_up(void **state)
{
	struct world *world = mem_new(sizeof(*world));
	struct err err = { 0 };
	void *home;
	int status = key_home_make(&home);

	*state = world;
	world->home = home;
	if (status)
		return status;
	world->pgp = pgp_new(world->home->home, &err);
	return world->pgp ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	void *home = world->home;

	pgp_free(world->pgp);
	free(world);
	return key_home_end(&home);
}

static struct key_index *list(struct pgp *pgp)
{
	struct err err = { 0 };
	struct key_index *index = pgp_list(pgp, &err);

	if (!index)
		fail_msg("%s", err.text);
	return index;
}

static const struct {
	const char *name;
	const char *encrypt, *sign;	/* why not; "" usable */
	size_t parts;			/* that encrypt */
} people[] = {
	{ "alice", "", "", 1 },
	{ "rsa", "", "", 1 },
	{ "twosub", "", "", 2 },
	{ "locked", "", "", 1 },
	{ "signonly", "cannot encrypt", "", 0 },
	{ "expired", "expired 2020-01-31", "expired 2020-01-31", 1 },
	{ "oldpart", "expired 2020-01-31", "", 1 },
	{ "revoked", "revoked", "revoked", 0 },
	{ "disabled", "disabled", "disabled", 1 },
};

static void every_key_is_listed_with_what_it_is_good_for(void **state)
{
	struct world *world = *state;
	struct key_index *index = list(world->pgp);
	int64_t now = time(NULL);

	assert_int_equal(key_index_count(index), 14);
	for (size_t i = 0; i < sizeof(people) / sizeof(*people); i++) {
		const char *fingerprint = key_home_fingerprint(world->home, people[i].name);
		const struct key *key = key_index_get(index, span_str(fingerprint)), *found;
		char *address = mem_printf("%s@example.org", people[i].name), why[64];

		assert_non_null(key);
		assert_true(key->secret);
		assert_int_equal(key->encryption_n, people[i].parts);
		found = key_index_find(index, span_str(address), KEY_ENCRYPT, now, why);
		assert_string_equal(why, people[i].encrypt);
		assert_ptr_equal(found, *people[i].encrypt ? NULL : key);
		found = key_index_find(index, span_str(address), KEY_SIGN, now, why);
		assert_string_equal(why, people[i].sign);
		assert_ptr_equal(found, *people[i].sign ? NULL : key);
		free(address);
	}
	key_index_free(index);
}

/* THREATS 144. */
static void user_ids_that_look_like_somebody_find_nothing(void **state)
{
	struct world *world = *state;
	struct key_index *index = list(world->pgp);
	const struct key *key = key_index_get(index, span_str(
					key_home_fingerprint(world->home, "mallory")));
	static const char *const his[] = {
		"mallory@example.org", "mallory@evil.example", "xvictim@example.org",
		"victim@example.org.evil.example", "mallory3@evil.example",
	};
	static const char *const not_his[] = {
		"victim@example.org", "VICTIM@example.org",
		/* two in brackets are none; this one was revoked */
		"mallory2@evil.example", "late@evil.example",
	};
	int64_t now = time(NULL);
	char why[64];

	for (size_t i = 0; i < sizeof(his) / sizeof(*his); i++)
		assert_ptr_equal(key_index_find(index, span_str(his[i]), KEY_ENCRYPT, now, why),
				 key);
	for (size_t i = 0; i < sizeof(not_his) / sizeof(*not_his); i++)
		assert_null(key_index_find(index, span_str(not_his[i]), KEY_ENCRYPT, now, why));
	key_index_free(index);
}

static void the_address_of_a_user_id_is_all_of_it_or_in_its_only_brackets(void **state)
{
	static const char *const cases[][2] = {
		{ "a@b.example", "a@b.example" },
		{ " a@b.example ", "a@b.example" },
		{ "A B <a@b.example>", "a@b.example" },
		{ "<a@b.example>", "a@b.example" },
		{ "victim@x.example <a@b.example>", "a@b.example" },
		{ "A (note) <a@b.example> ", "a@b.example" },
		{ "A <\"a b\"@b.example>", "\"a b\"@b.example" },
		{ "A <a@b.example> (note)", "" },
		{ "A <v@x.example> <a@b.example>", "" },
		{ "A <<a@b.example>", "" },
		{ "A <a@b.example>>", "" },
		{ "A <a@b.example", "" },
		{ "A a@b.example", "" },
		{ "a@b.example v@x.example", "" },
		{ "a@b.example,v@x.example", "" },
		{ "A <a@b.example, v@x.example>", "" },
		{ "A < a@b.example >", "" },
		{ "A <>", "" },
		{ "", "" },
		{ "nobody", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct span address = pgp_facts_address(span_str(cases[i][0]));

		if (!span_is(address, cases[i][1]))
			fail_msg("%s: %.*s", cases[i][0], (int)address.len, address.at);
	}
}

/* An empty home beside the other; *path is the caller's. */
static struct pgp *new_home(const struct world *world, const char *name, char **path)
{
	struct err err = { 0 };
	struct pgp *pgp;

	*path = mem_printf("%s/%s", world->home->dir, name);
	assert_int_equal(gnupg_home_prepare(*path, true, &err), 0);
	pgp = pgp_new(*path, &err);
	if (!pgp)
		fail_msg("%s", err.text);
	return pgp;
}

static void end_home(struct world *world, struct pgp *pgp, char *path)
{
	char *command = mem_printf("gpgconf --homedir '%s' --kill all", path);
	struct err err = { 0 };

	pgp_free(pgp);
	assert_int_equal(system(command), 0);
	free(command);
	free(path);
	/* GPGME has one home for the process */
	pgp_free(world->pgp);
	world->pgp = pgp_new(world->home->home, &err);
	assert_non_null(world->pgp);
}

static int import(const struct world *world, struct pgp *pgp, const char *export,
		  struct pgp_import *result, struct err *err)
{
	char *keys = key_home_gpg(world->home, export, -1, NULL);
	int in = key_home_file(span_str(keys)), status;

	*err = (struct err){ 0 };
	status = pgp_import(pgp, in, result, err);
	close(in);
	free(keys);
	return status;
}

static void a_new_home_is_empty_and_needs_no_agent(void **state)
{
	struct world *world = *state;
	char *path, *socket;
	struct pgp *pgp = new_home(world, "e", &path);
	struct key_index *index = list(pgp);

	assert_int_equal(key_index_count(index), 0);
	socket = mem_printf("%s/S.gpg-agent", path);
	assert_int_equal(access(socket, F_OK), -1);
	free(socket);
	key_index_free(index);
	end_home(world, pgp, path);
}

static bool lists_secrets(struct world *world)
{
	struct key_index *index = list(world->pgp);
	const struct key *key = key_index_get(index, span_str(
					key_home_fingerprint(world->home, "alice")));
	bool secret = key->secret;

	key_index_free(index);
	return secret;
}

/* Its agent cannot be found, and gpg itself lists then as if there were none. */
static void secret_keys_that_the_agent_does_not_tell_of_are_not_said_to_be_missing(void **state)
{
	static const char *const names[] = { "gpg.conf", "S.gpg-agent" };
	struct world *world = *state;
	struct err err = { 0 };
	char *path[2], *kept[2];
	FILE *file;

	for (int i = 0; i < 2; i++) {
		path[i] = mem_printf("%s/%s", world->home->home, names[i]);
		kept[i] = mem_printf("%s.kept", path[i]);
	}
	assert_true(lists_secrets(world));
	for (int i = 0; i < 2; i++)
		assert_int_equal(rename(path[i], kept[i]), 0);
	file = fopen(path[0], "w");
	assert_non_null(file);
	fputs("no-autostart\n", file);
	fclose(file);
	assert_null(pgp_list(world->pgp, &err));
	assert_int_equal(err.kind, ERR_TEMP);
	assert_non_null(strstr(err.text, "gpg-agent does not say which secret keys there are"));
	for (int i = 0; i < 2; i++) {
		assert_int_equal(rename(kept[i], path[i]), 0);
		free(path[i]);
		free(kept[i]);
	}
	assert_true(lists_secrets(world));
}

static void write_ring(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void lists_nothing(struct pgp *pgp)
{
	struct err err = { 0 };

	assert_null(pgp_list(pgp, &err));
	assert_int_equal(err.kind, ERR_TEMP);
	assert_non_null(strstr(err.text, "are gone, or cannot be read"));
}

/* THREATS 129: as none it would be a reason to send in the clear. */
static void keys_that_are_lost_are_not_taken_for_none(void **state)
{
	struct world *world = *state;
	char *ring = mem_printf("%s/pubring.kbx", world->home->home);
	char *kept = mem_printf("%s.kept", ring), *path, *other;
	struct pgp *pgp = new_home(world, "l", &path);

	key_index_free(list(pgp));
	other = mem_printf("%s/pubring.kbx", path);
	assert_true(lists_secrets(world));
	assert_int_equal(rename(ring, kept), 0);
	lists_nothing(world->pgp);
	lists_nothing(world->pgp);	/* gpg has made another */
	write_ring(ring, "no keybox, but longer than the head that every one begins with");
	lists_nothing(world->pgp);
	write_ring(other, "no keybox, where there are no secret keys that would tell");
	lists_nothing(pgp);
	assert_int_equal(rename(kept, ring), 0);
	assert_true(lists_secrets(world));
	free(other);
	free(kept);
	free(ring);
	end_home(world, pgp, path);
}

static void what_is_imported_is_told_and_listed(void **state)
{
	struct world *world = *state;
	struct pgp_import result;
	struct key_index *index;
	struct err err;
	char *path;
	struct pgp *pgp = new_home(world, "i", &path);

	assert_int_equal(import(world, pgp, "--armor --export bob@example.org carol@example.org",
				&result, &err), 0);
	assert_int_equal(result.imported, 2);
	assert_int_equal(result.unchanged, 0);
	assert_int_equal(result.secret, 0);
	assert_int_equal(result.rejected, 0);
	assert_int_equal(result.fingerprints.n, 2);
	assert_true(strs_has_nocase(&result.fingerprints,
				    span_str(key_home_fingerprint(world->home, "carol"))));
	strs_free(&result.fingerprints);
	assert_int_equal(import(world, pgp, "--armor --export bob@example.org", &result, &err), 0);
	assert_int_equal(result.imported, 0);
	assert_int_equal(result.unchanged, 1);
	strs_free(&result.fingerprints);
	assert_int_equal(import(world, pgp, "--armor --pinentry-mode loopback "
				"--export-secret-keys alice@example.org", &result, &err), 0);
	assert_int_equal(result.secret, 1);
	strs_free(&result.fingerprints);
	index = list(pgp);
	assert_int_equal(key_index_count(index), 3);
	key_index_free(index);
	end_home(world, pgp, path);
}

static void what_is_no_key_is_said(void **state)
{
	static const char *const texts[] = { "", "this is no key\n",
		("-----BEGIN PGP MESSAGE-----\n\nywpiAAAAAABoZWxsbw==\n"
		 "-----END PGP MESSAGE-----\n") };
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		int in = key_home_file(span_str(texts[i]));
		struct pgp_import result;
		struct err err = { 0 };

		assert_int_equal(pgp_import(world->pgp, in, &result, &err), -1);
		assert_int_equal(result.fingerprints.n, 0);
		assert_true(err.text[0] != '\0');
		close(in);
	}
}

static void a_key_that_is_cut_is_rejected(void **state)
{
	struct world *world = *state;
	char *keys = key_home_gpg(world->home, "--export bob@example.org", -1, NULL);
	int in = key_home_file(span_of(keys, 53));	/* no user id */
	struct pgp_import result;
	struct err err = { 0 };
	char *path;
	struct pgp *pgp = new_home(world, "c", &path);

	assert_int_equal(pgp_import(pgp, in, &result, &err), 0);
	assert_int_equal(result.rejected, 1);
	assert_int_equal(result.fingerprints.n, 0);
	close(in);
	free(keys);
	end_home(world, pgp, path);
}

static void a_secret_key_is_removed_only_when_that_is_meant(void **state)
{
	struct world *world = *state;
	struct pgp_import result;
	struct key_index *index;
	char *path, *bob, *alice;
	struct pgp *pgp = new_home(world, "d", &path);
	struct err err;

	bob = mem_strdup(key_home_fingerprint(world->home, "bob"));
	alice = mem_strdup(key_home_fingerprint(world->home, "alice"));
	assert_int_equal(import(world, pgp, "--armor --export bob@example.org", &result, &err), 0);
	strs_free(&result.fingerprints);
	assert_int_equal(import(world, pgp, "--armor --pinentry-mode loopback "
				"--export-secret-keys alice@example.org", &result, &err), 0);
	strs_free(&result.fingerprints);
	assert_int_equal(pgp_delete(pgp, alice, false, &err), -1);
	assert_non_null(strstr(err.text, "secret key"));
	assert_int_equal(pgp_delete(pgp, bob, false, &err), 0);
	assert_int_equal(pgp_delete(pgp, bob, false, &err), -1);
	assert_non_null(strstr(err.text, "there is no key"));
	assert_int_equal(pgp_delete(pgp, "bob@example.org", false, &err), -1);
	index = list(pgp);
	assert_int_equal(key_index_count(index), 1);
	key_index_free(index);
	assert_int_equal(pgp_delete(pgp, alice, true, &err), 0);
	index = list(pgp);
	assert_int_equal(key_index_count(index), 0);
	key_index_free(index);
	free(alice);
	free(bob);
	end_home(world, pgp, path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_is_listed_with_what_it_is_good_for),
		cmocka_unit_test(user_ids_that_look_like_somebody_find_nothing),
		cmocka_unit_test(the_address_of_a_user_id_is_all_of_it_or_in_its_only_brackets),
		cmocka_unit_test(a_new_home_is_empty_and_needs_no_agent),
		cmocka_unit_test(
			secret_keys_that_the_agent_does_not_tell_of_are_not_said_to_be_missing),
		cmocka_unit_test(keys_that_are_lost_are_not_taken_for_none),
		cmocka_unit_test(what_is_imported_is_told_and_listed),
		cmocka_unit_test(what_is_no_key_is_said),
		cmocka_unit_test(a_key_that_is_cut_is_rejected),
		cmocka_unit_test(a_secret_key_is_removed_only_when_that_is_meant),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
