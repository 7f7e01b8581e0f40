#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/units.h>

static void durations_need_their_unit(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} good[] = {
		{ "0", 0 }, { "0s", 0 }, { "15ms", 15 }, { "5s", 5000 },
		{ "2m", 120000 }, { "1h", 3600000 }, { "3d", 259200000 },
	};
	static const char *const bad[] = { "", "5", "s", "5 s", "-5s", "5S", "5sec", "1h30m",
					   "5.5s", "9999999999999999999d", "00" };
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(units_duration(span_str(bad[i]), &value));
		assert_int_equal(value, 77);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(units_duration(span_str(good[i].text), &value));
		assert_int_equal(value, good[i].ms);
	}
}

static void sizes_count_in_1024s(void **state)
{
	static const char *const bad[] = { "", "K", "1k", "1KB", "1 K", "-1", "1.5G", "1T",
					   "9999999999999999999K", "0x10" };
	uint64_t value = 77;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_false(units_size(span_str(bad[i]), &value));
		assert_int_equal(value, 77);
	}
	assert_true(units_size(span_str("12"), &value));
	assert_int_equal(value, 12);
	assert_true(units_size(span_str("3K"), &value));
	assert_int_equal(value, 3072);
	assert_true(units_size(span_str("256M"), &value));
	assert_int_equal(value, 268435456);
	assert_true(units_size(span_str("5G"), &value));
	assert_int_equal(value, UINT64_C(5368709120));
}

static void booleans_are_yes_and_no(void **state)
{
	static const char *const bad[] = { "", "y", "true", "1", "YES", "yes ", "on" };
	bool value = true;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(units_bool(span_str(bad[i]), &value));
	assert_true(value);
	assert_true(units_bool(span_str("no"), &value));
	assert_false(value);
	assert_true(units_bool(span_str("yes"), &value));
	assert_true(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_need_their_unit),
		cmocka_unit_test(sizes_count_in_1024s),
		cmocka_unit_test(booleans_are_yes_and_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
