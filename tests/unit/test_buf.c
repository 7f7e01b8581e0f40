#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/buf.h>

static void check(const struct buf *buf, const char *want)
{
	assert_true(span_is(buf_span(buf), want));
}

static void bytes_come_out_in_the_order_they_were_put(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 100);
	assert_int_equal(buf_puts(&buf, "one "), 0);
	assert_int_equal(buf_printf(&buf, "%s %d", "two", 3), 0);
	check(&buf, "one two 3");
	buf_drop(&buf, 4);
	check(&buf, "two 3");
	buf_drop(&buf, 400);
	check(&buf, "");
	buf_free(&buf);
}

static void the_limit_holds_to_the_byte_and_a_refused_put_puts_nothing(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 5);
	assert_int_equal(buf_puts(&buf, "123456"), -1);
	assert_int_equal(buf_puts(&buf, "123"), 0);
	assert_int_equal(buf_room(&buf), 2);
	assert_int_equal(buf_puts(&buf, "456"), -1);
	assert_int_equal(buf_printf(&buf, "%d", 456), -1);
	assert_null(buf_reserve(&buf, 3));
	assert_int_equal(buf_puts(&buf, "45"), 0);
	assert_int_equal(buf_puts(&buf, ""), 0);
	check(&buf, "12345");
	buf_drop(&buf, 1);
	assert_int_equal(buf_puts(&buf, "6"), 0);
	check(&buf, "23456");
	buf_free(&buf);
}

static void room_that_was_dropped_is_used_again(void **state)
{
	struct buf buf;
	char want[4];

	(void)state;
	buf_init(&buf, 1000);
	for (int i = 0; i < 100000; i++) {
		want[0] = (char)('a' + i % 26);
		want[1] = (char)('b' + i % 7);
		want[2] = 'c';
		want[3] = '\0';
		assert_int_equal(buf_puts(&buf, want), 0);
		if (i < 100)
			continue;
		buf_drop(&buf, 3);
		assert_int_equal(buf.len, 300);
		assert_true(buf.cap <= 1000);
	}
	assert_true(span_is(span_skip(buf_span(&buf), 297), want));
	buf_free(&buf);
}

static void reserved_room_counts_only_once_committed(void **state)
{
	struct buf buf;
	char *at;

	(void)state;
	buf_init(&buf, 10000);
	at = buf_reserve(&buf, 10000);
	assert_non_null(at);
	memset(at, 'x', 10000);
	check(&buf, "");
	buf_commit(&buf, 2);
	check(&buf, "xx");
	assert_non_null(buf_reserve(&buf, 0));
	buf_free(&buf);
}

static void an_empty_queue_gives_its_memory_back_when_trimmed(void **state)
{
	struct buf buf;

	(void)state;
	buf_init(&buf, 10);
	assert_null(buf.data);
	buf_puts(&buf, "x");
	buf_trim(&buf);
	check(&buf, "x");
	buf_clear(&buf);
	assert_non_null(buf.data);
	buf_trim(&buf);
	assert_null(buf.data);
	assert_int_equal(buf_puts(&buf, "again"), 0);
	check(&buf, "again");
	buf_wipe(&buf);
	check(&buf, "");
	assert_int_equal(buf_room(&buf), 10);
	buf_free(&buf);
}

static void a_taken_string_is_ended_and_leaves_the_queue_empty(void **state)
{
	struct buf buf;
	char *text;

	(void)state;
	buf_init(&buf, 10);
	buf_puts(&buf, "abc");
	text = buf_take_string(&buf);
	assert_string_equal(text, "abc");
	check(&buf, "");
	free(text);
	text = buf_take_string(&buf);
	assert_string_equal(text, "");
	free(text);
	buf_free(&buf);
}

static void a_number_is_put_in_decimal(void **state)
{
	struct buf buf;
	char *text;

	(void)state;
	buf_init(&buf, 40);
	assert_int_equal(buf_put_number(&buf, 0), 0);
	assert_int_equal(buf_puts(&buf, " "), 0);
	assert_int_equal(buf_put_number(&buf, 4294967295), 0);
	assert_int_equal(buf_puts(&buf, " "), 0);
	assert_int_equal(buf_put_number(&buf, 18446744073709551615ULL), 0);
	assert_int_equal(buf_put_number(&buf, 12345678), -1);
	text = buf_take_string(&buf);
	assert_string_equal(text, "0 4294967295 18446744073709551615");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_put_in_decimal),
		cmocka_unit_test(bytes_come_out_in_the_order_they_were_put),
		cmocka_unit_test(the_limit_holds_to_the_byte_and_a_refused_put_puts_nothing),
		cmocka_unit_test(room_that_was_dropped_is_used_again),
		cmocka_unit_test(reserved_room_counts_only_once_committed),
		cmocka_unit_test(an_empty_queue_gives_its_memory_back_when_trimmed),
		cmocka_unit_test(a_taken_string_is_ended_and_leaves_the_queue_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
