#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_set.h"

static void reads_to(const char *text, uint32_t star, const char *want)
{
	struct imap_set set;
	struct buf out;
	char *got;

	buf_init(&out, 1000);
	if (!want) {
		assert_int_equal(-1, imap_set_read(&set, span_str(text), star));
		return;
	}
	assert_int_equal(0, imap_set_read(&set, span_str(text), star));
	assert_int_equal(0, imap_set_put(&set, &out));
	got = buf_take_string(&out);
	assert_string_equal(got, want);
	free(got);
	buf_free(&out);
	imap_set_free(&set);
}

static void sets_are_put_in_order_and_joined(void **state)
{
	(void)state;
	reads_to("1", 9, "1");
	reads_to("3:1", 9, "1:3");
	reads_to("5,1:2,3,9", 9, "1:3,5,9");
	reads_to("1:4,2:9", 9, "1:9");
	reads_to("7:*", 9, "7:9");
	reads_to("12:*", 9, "9:12");
	reads_to("7:*", 0, "7:*");
	reads_to("*", 0, "*");
	reads_to("4294967294", 0, "*");
}

static void what_is_no_set_is_refused(void **state)
{
	static const char *const cases[] = { "", ",", "1,", "0", "01", "a", "1:",
					     ":1", "1:2:3", "-1", "4294967296",
					     "1 2", "**", "4294967295" };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		reads_to(cases[i], 9, NULL);
}

/* Of ranges from `from` on, some and all as the model says. */
static void ranges_are(const struct imap_set *set, const bool *model, uint32_t from)
{
	bool some = false, all = true;

	for (uint32_t to = from; to < 32; to++) {
		struct imap_range range = { from, to };

		some |= model[to];
		all &= model[to];
		assert_int_equal(some, imap_set_meets(set, range));
		assert_int_equal(all, imap_set_covers(set, range));
	}
}

static void numbers_come_and_go(void **state)
{
	struct imap_set set = { 0 };
	bool model[32] = { false };
	unsigned seed = 7;

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		uint32_t number;
		uint64_t count = 0;

		seed = seed * 1103515245 + 12345;
		number = 1 + (seed >> 16) % 31;
		if (seed >> 30 & 1) {
			assert_int_equal(0, imap_set_add(&set, number));
			model[number] = true;
		} else if (seed >> 29 & 1) {
			imap_set_expunge(&set, number);
			memmove(model + number, model + number + 1, 31 - number);
			model[31] = false;
		} else {
			imap_set_remove(&set, number);
			model[number] = false;
		}
		for (uint32_t k = 1; k < 32; k++) {
			assert_int_equal(model[k], imap_set_has(&set, k));
			count += model[k];
		}
		ranges_are(&set, model, number);
		assert_int_equal(count, imap_set_count(&set));
		for (size_t k = 1; k < set.n; k++)
			assert_true(set.at[k - 1].to + 1 < set.at[k].from);
	}
	imap_set_free(&set);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_put_in_order_and_joined),
		cmocka_unit_test(what_is_no_set_is_refused),
		cmocka_unit_test(numbers_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
