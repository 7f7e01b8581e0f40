#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/crypto/digest.h"

/* FIPS 180-2 appendix B, and nothing. */
static const struct {
	const char *text, *sum;
} cases[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void sums_are_those_of_the_standard_however_the_bytes_come(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
			struct digest *digest = digest_new();
			char hex[DIGEST_HEX_SIZE];

			digest_put(digest, span_of(cases[i].text, cut));
			digest_put(digest, span_str(cases[i].text + cut));
			digest_end_hex(digest, hex);
			assert_string_equal(hex, cases[i].sum);
			digest_free(digest);
		}
}

static void an_end_starts_over(void **state)
{
	struct digest *digest = digest_new();
	unsigned char one[DIGEST_SIZE], other[DIGEST_SIZE];

	(void)state;
	digest_put(digest, span_str("abc"));
	digest_end(digest, one);
	digest_put(digest, span_str("abc"));
	digest_end(digest, other);
	assert_memory_equal(one, other, sizeof(one));
	assert_int_equal(one[0], 0xba);
	digest_free(digest);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_are_those_of_the_standard_however_the_bytes_come),
		cmocka_unit_test(an_end_starts_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
