#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/openpgp_packets.h"
#include "policy/crypto/pgp.h"
#include "policy/keys/key_index.h"
#include "tests/unit/key_home.h"

struct world {
	struct key_home *home;
	struct pgp *pgp;
	struct key_index *keys;
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
	world->keys = world->pgp ? pgp_list(world->pgp, &err) : NULL;
	if (!world->keys)
		fprintf(stderr, "%s\n", err.text);
	return world->keys ? 0 : -1;
}

static int tear_down(void **state)
{
	struct world *world = *state;
	void *home = world->home;

	pgp_free(world->pgp);
	key_index_free(world->keys);
	free(world);
	return key_home_end(&home);
}

/* Fingerprints of names of the home, and what is none as it stands. */
static struct strs to(const struct world *world, const char *names)
{
	struct span rest = span_str(names), name;
	struct strs list = { 0 };

	while (*names && span_split(&rest, ' ', &name)) {
		char *text = span_dup(name);

		strs_add(&list, span_str(*text == '!' ? text + 1 :
					 key_home_fingerprint(world->home, text)));
		free(text);
	}
	return list;
}

/* Encrypts "hello\n" to `names`; the descriptor of what came out. */
static int encrypt(struct world *world, const char *names, const char *signer, int *out,
		   struct err *err)
{
	struct strs list = to(world, names);
	char *by = signer ? mem_strdup(key_home_fingerprint(world->home, signer)) : NULL;
	int in = key_home_file(span_str("hello\n")), result;

	*err = (struct err){ 0 };
	*out = key_home_file(span_of("", 0));
	result = pgp_encrypt(world->pgp, &list, by, in, *out, false, err);
	close(in);
	free(by);
	strs_free(&list);
	return result;
}

static struct openpgp_packets *packets_of(int fd)
{
	struct openpgp_packets *packets = openpgp_packets_new();
	size_t len;
	char *bytes = key_home_read(fd, &len);

	openpgp_packets_feed(packets, span_of(bytes, len));
	free(bytes);
	return packets;
}

static bool can_read(const struct key *key, uint64_t id)
{
	for (size_t i = 0; i < key->encryption_n; i++)
		if (key->encryption[i].id == id)
			return true;
	return false;
}

/* THREATS 143: one packet for each of `names`, in some order, and no other. */
static void readers_are(const struct world *world, int fd, const char *names)
{
	struct openpgp_packets *packets = packets_of(fd);
	const struct openpgp_packets_found *found = openpgp_packets_end(packets);
	struct strs list = to(world, names);

	assert_int_equal(found->kind, OPENPGP_PACKETS_ENCRYPTED);
	assert_true(found->armored);
	assert_false(found->text_around);
	assert_int_equal(found->passwords, 0);
	assert_int_equal(found->ids_n, list.n);
	for (size_t i = 0; i < list.n; i++) {
		const struct key *key = key_index_get(world->keys, span_str(list.at[i]));
		unsigned n = 0;

		for (size_t k = 0; k < found->ids_n; k++)
			n += can_read(key, found->ids[k]);
		assert_int_equal(n, 1);
	}
	strs_free(&list);
	openpgp_packets_free(packets);
}

static void refused(struct world *world, const char *names, const char *signer,
		    const char *why)
{
	struct err err;
	int out;

	if (encrypt(world, names, signer, &out, &err) != -1)
		fail_msg("%s was not refused", names);
	if (!strstr(err.text, why))
		fail_msg("%s: %s", names, err.text);
	close(out);
}

static void exactly_the_chosen_keys_can_read(void **state)
{
	static const char *const lists[] = { "bob", "bob carol", "rsa", "alice bob carol rsa",
					     "twosub", "mallory twosub" };
	struct err err;
	int out;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		assert_int_equal(encrypt(*state, lists[i], NULL, &out, &err), 0);
		readers_are(*state, out, lists[i]);
		close(out);
	}
}

static void what_was_encrypted_comes_out_again(void **state)
{
	struct world *world = *state;
	struct err err;
	char *text;
	int out, status;

	assert_int_equal(encrypt(world, "bob", NULL, &out, &err), 0);
	text = key_home_gpg(world->home, "--decrypt", out, &status);
	assert_int_equal(status, 0);
	assert_string_equal(text, "hello\n");
	free(text);
	close(out);
}

static void signed_and_encrypted_is_one_message_signed_by_the_chosen_key(void **state)
{
	struct world *world = *state;
	const char *const signers[] = { "alice", "rsa" };

	for (size_t i = 0; i < 2; i++) {
		char *text, *want;
		struct err err;
		int out, status;

		assert_int_equal(encrypt(world, "bob carol", signers[i], &out, &err), 0);
		readers_are(world, out, "bob carol");
		text = key_home_gpg(world->home, "--status-fd 1 --decrypt", out, &status);
		assert_int_equal(status, 0);
		want = mem_printf("[GNUPG:] VALIDSIG %s ",
				  key_home_fingerprint(world->home, signers[i]));
		assert_non_null(strstr(text, want));
		assert_null(strstr(strstr(text, want) + strlen(want), "VALIDSIG"));
		assert_non_null(strstr(text, "hello\n"));
		free(want);
		free(text);
		close(out);
	}
}

/* THREATS 142: nothing to somebody, however good the others are. */
static void keys_of_no_use_are_refused_with_the_reason(void **state)
{
	refused(*state, "expired", NULL, "expired 2020-01-31");
	refused(*state, "revoked", NULL, "revoked");
	refused(*state, "signonly", NULL, "cannot encrypt");
	refused(*state, "oldpart", NULL, "expired 2020-01-31");
	refused(*state, "bob expired", NULL, "expired 2020-01-31");
	refused(*state, "revoked bob", "alice", "revoked");
	refused(*state, "bob !0123456789ABCDEF0123456789ABCDEF01234567", NULL,
		"there is no key 0123456789ABCDEF0123456789ABCDEF01234567");
}

/* THREATS 143, 144: nothing but whole fingerprints is handed to gpg. */
static void names_that_are_no_fingerprints_never_reach_gpg(void **state)
{
	struct world *world = *state;
	const char *bob = key_home_fingerprint(world->home, "bob");
	char *short_id = mem_printf("!%s", bob + 24);
	char *twice = mem_printf("!%s\n%s", bob, bob);

	refused(world, "", NULL, "nobody to encrypt to");
	refused(world, "!bob@example.org", NULL, "no fingerprint");
	refused(world, "!", NULL, "no fingerprint");
	refused(world, "!--hidden", NULL, "no fingerprint");
	refused(world, "!--file", NULL, "no fingerprint");
	refused(world, short_id, NULL, "no fingerprint");
	refused(world, twice, NULL, "no fingerprint");
	free(short_id);
	free(twice);
}

static void set_options(const struct world *world, const char *more)
{
	char *path = mem_printf("%s/gpg.conf", world->home->home);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fprintf(file, "no-random-seed-file\nno-auto-key-locate\ndisable-dirmngr\n%s", more);
	fclose(file);
	free(path);
}

/* THREATS 118, 143: nobody reads along, even if the option came later. */
static void encrypt_to_in_the_options_lets_nobody_read_along(void **state)
{
	struct world *world = *state;
	char *more = mem_printf("encrypt-to %s\n", key_home_fingerprint(world->home, "mallory"));
	struct err err;
	int out, result;

	set_options(world, more);
	result = encrypt(world, "bob", NULL, &out, &err);
	set_options(world, "");
	assert_int_equal(result, 0);
	readers_are(world, out, "bob");
	close(out);
	free(more);
}

static void a_home_with_dangerous_options_is_not_opened(void **state)
{
	struct world *world = *state;
	struct err err = { 0 };
	struct pgp *pgp;

	set_options(world, "group bob = mallory\n");
	pgp = pgp_new(world->home->home, &err);
	set_options(world, "");
	assert_null(pgp);
	assert_int_equal(err.kind, ERR_CONF);
	assert_non_null(strstr(err.text, "gpg.conf:4: group"));
}

static void a_home_that_is_not_there_is_said(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(pgp_new("/tmp/ll-there-is-no-such-home", &err));
	assert_int_equal(err.kind, ERR_CONF);
	assert_non_null(strstr(err.text, "/tmp/ll-there-is-no-such-home"));
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* THREATS 121, 129: nobody is there to ask. */
static void a_locked_secret_key_is_said_at_once_and_asks_nobody(void **state)
{
	struct world *world = *state;
	char *want = mem_printf("secret key of %s is locked: passphrase needed",
				key_home_fingerprint(world->home, "locked"));
	double before = seconds();

	refused(world, "bob", "locked", want);
	assert_true(seconds() - before < 30);
	free(want);
}

static void a_signer_of_no_use_is_said(void **state)
{
	refused(*state, "bob", "expired", "expired 2020-01-31");
	refused(*state, "bob", "revoked", "revoked");
}

static void a_full_disc_is_an_error(void **state)
{
	struct world *world = *state;
	struct strs list = to(world, "bob");
	int in = key_home_file(span_str("hello\n")), out = open("/dev/full", O_WRONLY);
	struct err err = { 0 };

	assert_int_equal(pgp_encrypt(world->pgp, &list, NULL, in, out, false, &err), -1);
	assert_non_null(strstr(err.text, "No space left"));
	close(in);
	close(out);
	strs_free(&list);
}

static void reading_begins_at_the_offset_and_so_does_writing(void **state)
{
	struct world *world = *state;
	struct strs list = to(world, "bob");
	int in = key_home_file(span_str("not this: hello\n"));
	int out = key_home_file(span_str("head\n")), rest;
	struct err err = { 0 };
	char *text, *plain;

	lseek(in, 10, SEEK_SET);
	lseek(out, 5, SEEK_SET);
	assert_int_equal(pgp_encrypt(world->pgp, &list, NULL, in, out, false, &err), 0);
	text = key_home_read(out, NULL);
	assert_memory_equal(text, "head\n-----BEGIN", 15);
	rest = key_home_file(span_str(text + 5));
	plain = key_home_gpg(world->home, "--decrypt", rest, NULL);
	assert_string_equal(plain, "hello\n");
	free(plain);
	free(text);
	close(rest);
	close(in);
	close(out);
	strs_free(&list);
}

static void compression_is_done_only_when_asked_for(void **state)
{
	struct world *world = *state;
	struct strs list = to(world, "bob");
	size_t lens[2], size = 200000;
	char *zeros = mem_new(size);
	struct err err = { 0 };

	for (int compress = 0; compress < 2; compress++) {
		int in = key_home_file(span_of(zeros, size)), out = key_home_file(span_of("", 0));

		assert_int_equal(pgp_encrypt(world->pgp, &list, NULL, in, out, compress, &err), 0);
		free(key_home_read(out, &lens[compress]));
		close(in);
		close(out);
	}
	assert_true(lens[0] > size);
	assert_true(lens[1] < size / 10);
	free(zeros);
	strs_free(&list);
}

/* DESIGN 8: a message is never in our memory as a whole. */
static void a_large_message_streams(void **state)
{
	enum { LARGE = 64 * 1024 * 1024 };
	struct world *world = *state;
	struct strs list = to(world, "bob");
	int in = memfd_create("in", 0), out = memfd_create("out", 0);
	struct rusage before, after;
	struct err err = { 0 };

	assert_int_equal(ftruncate(in, LARGE), 0);
	getrusage(RUSAGE_SELF, &before);
	assert_int_equal(pgp_encrypt(world->pgp, &list, NULL, in, out, false, &err), 0);
	getrusage(RUSAGE_SELF, &after);
	assert_true(after.ru_maxrss - before.ru_maxrss < LARGE / 1024 / 8);
	assert_true(lseek(out, 0, SEEK_END) > LARGE);
	close(in);
	close(out);
	strs_free(&list);
}

static void many_recipients_are_one_message(void **state)
{
	struct world *world = *state;
	struct strs list = { 0 };
	int in = key_home_file(span_str("hello\n")), out = key_home_file(span_of("", 0));
	struct openpgp_packets *packets;
	struct err err = { 0 };

	/* one key, however often it is named */
	for (size_t i = 0; i < 300; i++) {
		const char *name = i % 2 ? "bob" : "carol";

		strs_add(&list, span_str(key_home_fingerprint(world->home, name)));
	}
	assert_int_equal(pgp_encrypt(world->pgp, &list, NULL, in, out, false, &err), 0);
	packets = packets_of(out);
	assert_int_equal(openpgp_packets_end(packets)->ids_n, 2);
	openpgp_packets_free(packets);
	close(in);
	close(out);
	strs_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exactly_the_chosen_keys_can_read),
		cmocka_unit_test(what_was_encrypted_comes_out_again),
		cmocka_unit_test(signed_and_encrypted_is_one_message_signed_by_the_chosen_key),
		cmocka_unit_test(keys_of_no_use_are_refused_with_the_reason),
		cmocka_unit_test(names_that_are_no_fingerprints_never_reach_gpg),
		cmocka_unit_test(encrypt_to_in_the_options_lets_nobody_read_along),
		cmocka_unit_test(a_home_with_dangerous_options_is_not_opened),
		cmocka_unit_test(a_home_that_is_not_there_is_said),
		cmocka_unit_test(a_locked_secret_key_is_said_at_once_and_asks_nobody),
		cmocka_unit_test(a_signer_of_no_use_is_said),
		cmocka_unit_test(a_full_disc_is_an_error),
		cmocka_unit_test(reading_begins_at_the_offset_and_so_does_writing),
		cmocka_unit_test(compression_is_done_only_when_asked_for),
		cmocka_unit_test(a_large_message_streams),
		cmocka_unit_test(many_recipients_are_one_message),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
