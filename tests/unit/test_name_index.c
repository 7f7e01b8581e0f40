#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <letterlock/mem.h>
#include <letterlock/name_index.h>

static void the_first_of_a_name_is_found(void **state)
{
	struct name_index index = { 0 };
	size_t at = 99;

	(void)state;
	assert_false(name_index_find(&index, span_str("a"), &at));
	assert_int_equal(name_index_add(&index, "a", 5), 5);
	assert_int_equal(name_index_add(&index, "a", 6), 5);
	assert_int_equal(name_index_add(&index, "A", 7), 7);
	assert_int_equal(name_index_add(&index, "", 8), 8);
	assert_true(name_index_find(&index, span_str("a"), &at));
	assert_int_equal(at, 5);
	assert_true(name_index_find(&index, span_str(""), &at));
	assert_int_equal(at, 8);
	assert_false(name_index_find(&index, span_str("ab"), &at));
	name_index_free(&index);
	assert_false(name_index_find(&index, span_str("a"), &at));
}

static void case_is_ignored_when_asked(void **state)
{
	struct name_index index = { .nocase = true };
	size_t at;

	(void)state;
	assert_int_equal(name_index_add(&index, "Al@Z.example", 1), 1);
	assert_int_equal(name_index_add(&index, "aL@z.EXAMPLE", 2), 1);
	assert_int_equal(name_index_add(&index, "[", 3), 3);
	assert_int_equal(name_index_add(&index, "{", 4), 4);
	assert_true(name_index_find(&index, span_str("AL@Z.EXAMPLE"), &at));
	assert_int_equal(at, 1);
	name_index_free(&index);
}

static void many_names_are_all_found(void **state)
{
	enum { MANY = 20000 };
	struct name_index index = { 0 };
	char **names = mem_grow(NULL, MANY, sizeof(*names));
	size_t at;

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		names[i] = mem_printf("user u%zu", i);
		assert_int_equal(name_index_add(&index, names[i], i), i);
	}
	for (size_t i = 0; i < MANY; i++) {
		assert_true(name_index_find(&index, span_str(names[i]), &at));
		assert_int_equal(at, i);
	}
	assert_false(name_index_find(&index, span_str("user u20000"), &at));
	name_index_free(&index);
	for (size_t i = 0; i < MANY; i++)
		free(names[i]);
	free(names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_of_a_name_is_found),
		cmocka_unit_test(case_is_ignored_when_asked),
		cmocka_unit_test(many_names_are_all_found),
	};

	return cmocka_run_group_tests_name("name_index", tests, NULL, NULL);
}
