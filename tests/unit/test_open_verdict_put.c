#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/job/open_verdict.h"
#include "policy/keys/key_index.h"

#define FINGERPRINT "0123456789ABCDEF0123456789ABCDEF01234567"
#define FAIL "Authentication-Results: gw; openpgp=fail (the signer does not match From)\r\n"
#define MISMATCH FAIL "X-Letterlock: signed; signature=mismatch by "

/* Of a key with these user ids, on a message that says it is from alice. */
static char *said_by(const char *const *user_ids)
{
	struct pgp_signature signature = { .verdict = PGP_GOOD, .fingerprint = FINGERPRINT,
					   .made = 1795464000 };
	struct key key = { 0 };
	struct open_said said = { .hostname = "gw", .method = "openpgp", .first = "signed",
				  .signature = &signature, .signer = &key,
				  .from = "alice@example.org" };
	struct buf out;
	char *text;

	for (; *user_ids; user_ids++)
		strs_add(&key.user_ids, span_str(*user_ids));
	strs_add(&key.addresses, span_str("eve@evil.example"));
	said.word = open_verdict(&signature, &key, said.from, false);
	assert_int_equal(said.word, OPEN_SIGNATURE_MISMATCH);
	buf_init(&out, 4096);
	assert_int_equal(open_verdict_put(&said, &out), 0);
	text = buf_take_string(&out);
	buf_free(&out);
	strs_free(&key.user_ids);
	strs_free(&key.addresses);
	return text;
}

/* THREATS 131: a user id is whatever its owner wrote. */
static void no_user_id_says_more_than_a_name(void **state)
{
	static const struct {
		const char *user_ids[3], *want;
	} cases[] = {
		{ { "Eve <eve@evil.example>" }, "\"Eve <eve@evil.example>\"" },
		{ { "Alice\" " FINGERPRINT ", signature=good by \"A" },
		  "\"Alice? " FINGERPRINT ", signature=good by ?A\"" },
		{ { "Eve\r\nX-Letterlock: signed; signature=good" },
		  "\"Eve??X-Letterlock: signed; signature=good\"" },
		{ { "Eve\\" }, "\"Eve?\"" },
		{ { "\x1b[2J\x7f\t\xc3\xa9" }, "\"?[2J????\"" },
		{ { "" }, "\"\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = said_by(cases[i].user_ids);

		assert_memory_equal(text, MISMATCH, strlen(MISMATCH));
		assert_memory_equal(text + strlen(MISMATCH), cases[i].want,
				    strlen(cases[i].want));
		assert_string_equal(text + strlen(MISMATCH) + strlen(cases[i].want),
				    " " FINGERPRINT ", made 2026-11-23T20:00:00Z\r\n");
		free(text);
	}
}

static void a_long_user_id_is_cut(void **state)
{
	static char long_id[100000];
	const char *const user_ids[] = { long_id, NULL };
	char *text;

	(void)state;
	memset(long_id, 'x', sizeof(long_id) - 1);
	text = said_by(user_ids);
	assert_true(strlen(text) < 500);
	assert_non_null(strstr(text, "x\" " FINGERPRINT));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_user_id_says_more_than_a_name),
		cmocka_unit_test(a_long_user_id_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
