#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/span.h>

static struct span s(const char *text)
{
	return span_str(text);
}

static void comparison_ignores_case_for_ascii_only(void **state)
{
	(void)state;
	assert_true(span_eq(s("aB"), s("aB")));
	assert_false(span_eq(s("aB"), s("ab")));
	assert_false(span_eq(s("a"), s("ab")));
	assert_true(span_eq(span_of(NULL, 0), s("")));
	assert_true(span_is_nocase(s("AZ[az"), "az[AZ"));
	assert_false(span_is_nocase(s("@"), "`"));
	assert_false(span_is_nocase(s("\xc4"), "\xe4"));
	assert_true(span_starts_nocase(s("From:x"), "fRoM:"));
	assert_false(span_starts_nocase(s("Fro"), "from"));
}

static void skipping_and_trimming_stop_at_the_end(void **state)
{
	(void)state;
	assert_true(span_is(span_skip(s("abc"), 2), "c"));
	assert_int_equal(span_skip(s("abc"), 4).len, 0);
	assert_int_equal(span_skip(span_of(NULL, 0), 4).len, 0);
	assert_true(span_is(span_trim(s(" \t a b\t ")), "a b"));
	assert_int_equal(span_trim(s(" \t ")).len, 0);
	assert_int_equal(span_find(s("abc"), 'c'), 2);
	assert_int_equal(span_find(s("abc"), 'd'), 3);
	assert_int_equal(span_find(span_of(NULL, 0), 'd'), 0);
}

static void splitting_yields_empty_pieces_and_then_ends(void **state)
{
	static const char *const want[] = { "", "a", "", "b", "" };
	struct span rest = s(",a,,b,"), head;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		assert_true(span_split(&rest, ',', &head));
		assert_true(span_is(head, want[i]));
	}
	assert_null(rest.at);
	assert_false(span_split(&rest, ',', &head));
	rest = s("");
	assert_true(span_split(&rest, ',', &head));
	assert_int_equal(head.len, 0);
	assert_false(span_split(&rest, ',', &head));
}

static void a_copy_keeps_every_byte(void **state)
{
	char *copy = span_dup(span_of("a\0b", 3));

	(void)state;
	assert_memory_equal(copy, "a\0b", 4);
	free(copy);
	copy = span_dup(span_of(NULL, 0));
	assert_string_equal(copy, "");
	free(copy);
}

static void only_plain_decimal_numbers_are_numbers(void **state)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "0x1", "1.0",
					   "12345678901234567890", "a" };
	unsigned long long n = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(span_number(s(bad[i]), &n));
	assert_false(span_number(span_of(NULL, 0), &n));
	assert_int_equal(n, 7);
	assert_true(span_number(s("0042"), &n));
	assert_int_equal(n, 42);
	assert_true(span_number(s("9999999999999999999"), &n));
	assert_true(n == 9999999999999999999ULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comparison_ignores_case_for_ascii_only),
		cmocka_unit_test(skipping_and_trimming_stop_at_the_end),
		cmocka_unit_test(splitting_yields_empty_pieces_and_then_ends),
		cmocka_unit_test(a_copy_keeps_every_byte),
		cmocka_unit_test(only_plain_decimal_numbers_are_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
