#include <fcntl.h>
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

#include "policy/crypto/openpgp_packets.h"
#include "policy/crypto/openpgp_select.h"
#include "policy/crypto/pgp.h"
#include "tests/unit/key_home.h"

static const char text[] = "Content-Type: text/plain\r\n\r\nhello\r\n";

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

static int sign(struct world *world, const char *signer, int out, char micalg[32],
		struct err *err)
{
	char *by = mem_strdup(key_home_fingerprint(world->home, signer));
	int in = key_home_file(span_str(text)), result;

	*err = (struct err){ 0 };
	result = pgp_sign(world->pgp, by, in, out, micalg, err);
	close(in);
	free(by);
	return result;
}

static void refused(struct world *world, const char *signer, const char *why)
{
	int out = key_home_file(span_of("", 0));
	struct err err;
	char micalg[32];

	assert_int_equal(sign(world, signer, out, micalg, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("%s: %s", signer, err.text);
	close(out);
}

static void signatures_are_detached_armored_and_good(void **state)
{
	static const char *const signers[] = { "alice", "rsa", "signonly" };
	struct world *world = *state;

	for (size_t i = 0; i < sizeof(signers) / sizeof(*signers); i++) {
		int out = key_home_file(span_of("", 0)), in = key_home_file(span_str(text)), status;
		struct openpgp_packets *packets = openpgp_packets_new();
		char micalg[32], *armor, *arguments, *said, *want;
		struct err err;

		assert_int_equal(sign(world, signers[i], out, micalg, &err), 0);
		assert_true(strcmp(micalg, "pgp-sha512") == 0 || strcmp(micalg, "pgp-sha256") == 0);
		armor = key_home_read(out, NULL);
		openpgp_packets_feed(packets, span_str(armor));
		assert_int_equal(openpgp_packets_end(packets)->kind, OPENPGP_PACKETS_SIGNATURE);
		arguments = mem_printf("--status-fd 1 --verify /proc/%d/fd/%d -", getpid(), out);
		said = key_home_gpg(world->home, arguments, in, &status);
		assert_int_equal(status, 0);
		/* of binary data (class 00), by the key that was chosen */
		want = mem_printf("VALIDSIG %s ", key_home_fingerprint(world->home, signers[i]));
		assert_non_null(strstr(said, want));
		openpgp_packets_free(packets);
		free(want);
		free(said);
		free(arguments);
		free(armor);
		close(in);
		close(out);
	}
}

static void a_chosen_digest_is_told_as_it_is(void **state)
{
	static const char *const digests[][2] = { { "SHA256", "pgp-sha256" },
						  { "SHA384", "pgp-sha384" },
						  { "SHA512", "pgp-sha512" } };
	struct world *world = *state;
	char *path = mem_printf("%s/gpg.conf", world->home->home);

	for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
		int out = key_home_file(span_of("", 0));
		FILE *file = fopen(path, "w");
		char micalg[32] = "";
		struct err err;

		assert_non_null(file);
		fprintf(file, "no-random-seed-file\ndigest-algo %s\n", digests[i][0]);
		fclose(file);
		assert_int_equal(sign(world, "rsa", out, micalg, &err), 0);
		assert_string_equal(micalg, digests[i][1]);
		close(out);
	}
	free(path);
}

/* RFC 9580 9.5, THREATS 132: whatever options say by then. */
static void a_signature_over_sha1_is_an_error(void **state)
{
	struct world *world = *state;
	char *path = mem_printf("%s/gpg.conf", world->home->home);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("no-random-seed-file\ndigest-algo SHA1\n", file);
	fclose(file);
	refused(world, "rsa", "too weak");
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("no-random-seed-file\n", file);
	fclose(file);
	free(path);
}

static void signers_of_no_use_are_refused_with_the_reason(void **state)
{
	struct world *world = *state;
	char *want = mem_printf("secret key of %s is locked: passphrase needed",
				key_home_fingerprint(world->home, "locked"));

	refused(world, "locked", want);
	refused(world, "expired", "expired 2020-01-31");
	refused(world, "revoked", "revoked");
	free(want);
}

static void trying_says_what_signing_would(void **state)
{
	struct world *world = *state;
	struct err err = { 0 };

	assert_int_equal(pgp_sign_try(world->pgp, key_home_fingerprint(world->home, "alice"),
				      &err), 0);
	assert_int_equal(pgp_sign_try(world->pgp, key_home_fingerprint(world->home, "locked"),
				      &err), -1);
	assert_int_equal(err.kind, ERR_CONF);
	assert_non_null(strstr(err.text, "locked: passphrase needed; take that away, as the "
			       "account that owns it, with: gpg --homedir "));
}

static void a_signer_that_is_not_there_is_said(void **state)
{
	struct world *world = *state;
	int in = key_home_file(span_str(text)), out = key_home_file(span_of("", 0));
	struct err err = { 0 };
	char micalg[32];

	assert_int_equal(pgp_sign(world->pgp, "0123456789ABCDEF0123456789ABCDEF01234567", in, out,
				  micalg, &err), -1);
	assert_non_null(strstr(err.text, "there is no secret key 0123456789ABCDEF"));
	assert_int_equal(pgp_sign(world->pgp, "alice@example.org", in, out, micalg, &err), -1);
	assert_non_null(strstr(err.text, "no fingerprint"));
	close(in);
	close(out);
}

static void the_last_signer_signs_alone(void **state)
{
	struct world *world = *state;
	char micalg[32], *armor, *arguments, *said;
	int out = key_home_file(span_of("", 0)), in = key_home_file(span_str(text)), first;
	struct err err;

	first = key_home_file(span_of("", 0));
	assert_int_equal(sign(world, "alice", first, micalg, &err), 0);
	refused(world, "locked", "locked");
	assert_int_equal(sign(world, "bob", out, micalg, &err), 0);
	armor = key_home_read(out, NULL);
	arguments = mem_printf("--status-fd 1 --verify /proc/%d/fd/%d -", getpid(), out);
	said = key_home_gpg(world->home, arguments, in, NULL);
	assert_non_null(strstr(said, key_home_fingerprint(world->home, "bob")));
	assert_null(strstr(said, key_home_fingerprint(world->home, "alice")));
	free(said);
	free(arguments);
	free(armor);
	close(first);
	close(in);
	close(out);
}

static void a_full_disc_is_an_error(void **state)
{
	int out = open("/dev/full", O_WRONLY);
	struct err err;
	char micalg[32];

	assert_int_equal(sign(*state, "alice", out, micalg, &err), -1);
	assert_non_null(strstr(err.text, "No space left"));
	close(out);
}

/* What gpg signs by the newest signing part of `signer`, as packets. */
static void signed_by(struct world *world, const char *signer, struct buf *packets)
{
	char *arguments = mem_printf("--armor --detach-sign --local-user %s", signer), *armor;
	int in = key_home_file(span_str(text));
	struct err err = { 0 };

	armor = key_home_gpg(world->home, arguments, in, NULL);
	buf_init(packets, 4096);
	assert_int_equal(openpgp_select_dearmor(span_str(armor), packets, &err), 0);
	close(in);
	free(armor);
	free(arguments);
}

static void good_by(struct world *world, const struct buf *packets, const char *fingerprint)
{
	struct pgp_signature signature;
	struct err err = { 0 };

	assert_int_equal(pgp_verify(world->pgp, buf_span(packets), span_str(text), &signature,
				    &err), 0);
	assert_int_equal(signature.verdict, PGP_GOOD);
	assert_string_equal(signature.fingerprint, fingerprint);
}

/* Whether gpg was asked for the key, or it is remembered. */
static void what_a_subkey_signed_is_named_by_its_key_each_time(void **state)
{
	struct world *world = *state;
	char *alice = mem_strdup(key_home_fingerprint(world->home, "alice"));
	char *rsa = mem_strdup(key_home_fingerprint(world->home, "rsa"));
	char *add = mem_printf("--passphrase '' --quick-add-key %s ed25519 sign", alice);
	struct buf by_alice, by_part, by_rsa;

	signed_by(world, alice, &by_alice);
	free(key_home_gpg(world->home, add, -1, NULL));
	signed_by(world, alice, &by_part);
	signed_by(world, rsa, &by_rsa);
	for (int i = 0; i < 3; i++) {
		good_by(world, &by_part, alice);
		good_by(world, &by_rsa, rsa);
		good_by(world, &by_alice, alice);
		if (i == 1)
			pgp_forget_keys(world->pgp);
	}
	buf_free(&by_alice);
	buf_free(&by_part);
	buf_free(&by_rsa);
	free(add);
	free(rsa);
	free(alice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signatures_are_detached_armored_and_good),
		cmocka_unit_test(a_chosen_digest_is_told_as_it_is),
		cmocka_unit_test(a_signature_over_sha1_is_an_error),
		cmocka_unit_test(signers_of_no_use_are_refused_with_the_reason),
		cmocka_unit_test(trying_says_what_signing_would),
		cmocka_unit_test(a_signer_that_is_not_there_is_said),
		cmocka_unit_test(the_last_signer_signs_alone),
		cmocka_unit_test(a_full_disc_is_an_error),
		cmocka_unit_test(what_a_subkey_signed_is_named_by_its_key_each_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
