#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proxy/net/loop.h"
#include "proxy/run/affinity.h"

/* More than a worker stays for, and fewer. */
enum { FLOOD = 100, SOME = 5 };

static cpu_set_t allowed(void)
{
	cpu_set_t set;

	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	return set;
}

static unsigned count(const cpu_set_t *set)
{
	return (unsigned)CPU_COUNT(set);
}

static bool is_all(const cpu_set_t *all)
{
	cpu_set_t now = allowed();

	return CPU_EQUAL(&now, all);
}

static void arrive(struct affinity *affinity, int n)
{
	while (n-- > 0)
		affinity_arrival(affinity);
}

/* Each of as many workers as there are processors has its own. */
static void each_worker_has_a_processor(void **state)
{
	cpu_set_t all = allowed(), together;
	struct loop *loop = loop_new();

	(void)state;
	CPU_ZERO(&together);
	for (unsigned i = 0; i < count(&all); i++) {
		struct affinity *affinity = affinity_new(loop, i, count(&all));
		cpu_set_t own = allowed();

		assert_int_equal(CPU_COUNT(&own), 1);
		CPU_OR(&together, &together, &own);
		affinity_free(affinity);
		assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	}
	assert_true(CPU_EQUAL(&together, &all));
	loop_free(loop);
}

static void many_connections_set_it_free_until_they_are_few(void **state)
{
	cpu_set_t all = allowed(), own;
	struct loop *loop = loop_new();
	struct affinity *affinity = affinity_new(loop, count(&all) - 1, count(&all));

	(void)state;
	own = allowed();
	assert_true(CPU_EQUAL(&own, &all) == (count(&all) == 1));
	arrive(affinity, SOME);
	assert_true(is_all(&own));
	loop_run(loop);		/* until no window is open */
	assert_true(is_all(&own));
	arrive(affinity, FLOOD);
	assert_true(is_all(&all));
	loop_run(loop);
	assert_true(is_all(&own));
	affinity_free(affinity);
	assert_int_equal(sched_setaffinity(0, sizeof(all), &all), 0);
	loop_free(loop);
}

/* Some would be shared, or idle. */
static void other_numbers_of_workers_go_where_they_like(void **state)
{
	cpu_set_t all = allowed();
	const unsigned workers[] = { count(&all) + 1, 2 * count(&all), count(&all) / 2 };
	struct loop *loop = loop_new();

	(void)state;
	for (size_t i = 0; i < sizeof(workers) / sizeof(*workers); i++) {
		struct affinity *affinity = affinity_new(loop, 0, workers[i]);

		assert_true(is_all(&all));
		arrive(affinity, FLOOD);
		loop_run(loop);
		assert_true(is_all(&all));
		affinity_free(affinity);
	}
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_worker_has_a_processor),
		cmocka_unit_test(many_connections_set_it_free_until_they_are_few),
		cmocka_unit_test(other_numbers_of_workers_go_where_they_like),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
