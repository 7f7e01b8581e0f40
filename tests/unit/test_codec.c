#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/codec.h>

static void base64_reads_what_it_wrote(void **state)
{
	static const char *const pairs[][2] = {
		/* RFC 4648, section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xff\xfe\xfb", "//77" }, { "\xfb\xef\xbe", "++++" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		assert_int_equal(codec_base64_put(&out, span_str(pairs[i][0])), 0);
		assert_true(span_is(buf_span(&out), pairs[i][1]));
		buf_clear(&out);
		assert_int_equal(codec_base64_get(&out, span_str(pairs[i][1])), 0);
		assert_true(span_is(buf_span(&out), pairs[i][0]));
		buf_clear(&out);
	}
	buf_free(&out);
}

static void base64_that_is_not_canonical_is_refused(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "====", "=g==", "Z===", "Zg==Zg==",
		"Zm9v\n", "Zm 9", "Zm9-", "Zm9_", "Zm\xff!", "Zm=v", "A=A=",
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		if (codec_base64_get(&out, span_str(bad[i])) == 0)
			fail_msg("taken: %s", bad[i]);
	assert_int_equal(codec_base64_get(&out, span_of("Zg\0=", 4)), -1);
	buf_free(&out);
}

static void base64_stays_within_the_limit(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 3);
	assert_int_equal(codec_base64_put(&out, span_str("f")), -1);
	assert_int_equal(codec_base64_get(&out, span_str("Zm9vYg==")), -1);
	assert_int_equal(codec_base64_get(&out, span_str("Zm9v")), 0);
	assert_true(span_is(buf_span(&out), "foo"));
	buf_free(&out);
}

static void hexadecimal_goes_both_ways(void **state)
{
	static const unsigned char bytes[] = { 0x00, 0x7f, 0xa5, 0xff };
	unsigned char back[4];
	char text[9];

	(void)state;
	codec_hex(bytes, 4, text);
	assert_string_equal(text, "007fa5ff");
	assert_true(codec_unhex(span_str("007FA5ff"), back, 4));
	assert_memory_equal(bytes, back, 4);
	assert_false(codec_unhex(span_str("007fa5f"), back, 4));
	assert_false(codec_unhex(span_str("007fa5ff0"), back, 4));
	assert_false(codec_unhex(span_str("007fa5ff00"), back, 4));
	assert_false(codec_unhex(span_str("007fa5fg"), back, 4));
	assert_false(codec_unhex(span_str("0x7fa5ff"), back, 4));
	assert_true(codec_unhex(span_str(""), back, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_reads_what_it_wrote),
		cmocka_unit_test(base64_that_is_not_canonical_is_refused),
		cmocka_unit_test(base64_stays_within_the_limit),
		cmocka_unit_test(hexadecimal_goes_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
