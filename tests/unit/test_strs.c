#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/strs.h>

static void a_list_owns_copies_in_their_order(void **state)
{
	struct strs a = { 0 }, b = { 0 };
	char text[8];

	(void)state;
	for (int i = 0; i < 100; i++) {
		text[0] = (char)('a' + i % 26);
		text[1] = '\0';
		strs_add(&a, span_str(text));
	}
	strs_add_all(&b, &a);
	strs_add_all(&b, &a);
	assert_int_equal(a.n, 100);
	assert_int_equal(b.n, 200);
	for (size_t i = 0; i < b.n; i++)
		assert_string_equal(b.at[i], a.at[i % 100]);
	assert_true(strs_has_nocase(&a, span_str("Q")));
	assert_false(strs_has_nocase(&a, span_str("qq")));
	strs_free(&a);
	assert_int_equal(a.n, 0);
	assert_false(strs_has_nocase(&a, span_str("q")));
	strs_add(&a, span_str("x"));
	assert_int_equal(a.n, 1);
	strs_free(&a);
	strs_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_owns_copies_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
