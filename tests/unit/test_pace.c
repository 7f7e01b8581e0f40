#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/session/pace.h"

enum { NOW = 5000 };

static void each_block_has_its_time(void **state)
{
	struct pace pace;

	(void)state;
	pace_begin(&pace, NOW);
	assert_int_equal(pace_more(&pace, NOW + 1, PACE_BLOCK_LEAST - 1), 0);
	assert_int_equal(pace_more(&pace, NOW + 2, 1), PACE_BLOCK);
	assert_int_equal(pace_more(&pace, NOW + 3, 1), 0);
}

static void a_slow_message_ends_some_day(void **state)
{
	struct pace pace;
	uint64_t now = NOW, wait;

	(void)state;
	pace_begin(&pace, now);
	while ((wait = pace_more(&pace, now, PACE_BLOCK_LEAST)) == PACE_BLOCK)
		now += PACE_BLOCK - 1;
	assert_true(wait > 0 && wait < PACE_BLOCK);
	assert_true(now + wait < NOW + PACE_TOTAL + PACE_BLOCK);
	assert_int_equal(pace_more(&pace, now + PACE_TOTAL, PACE_BLOCK_LEAST), 1);
}

static void a_message_of_any_size_may_come_at_the_least_rate(void **state)
{
	struct pace pace;

	(void)state;
	pace_begin(&pace, NOW);
	for (uint64_t ms = 0; ms < 40ULL * 60 * 60 * 1000; ms += 60 * 1000)
		assert_int_equal(pace_more(&pace, NOW + ms, 60 * 1000), PACE_BLOCK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_block_has_its_time),
		cmocka_unit_test(a_slow_message_ends_some_day),
		cmocka_unit_test(a_message_of_any_size_may_come_at_the_least_rate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
