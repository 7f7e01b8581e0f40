#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/line.h"

enum { ROOM = 256 * 1024 };

/* Takes all lines of `bytes`, given `step` at a time; "a|b|" or "a|!why". */
static void take_all(struct span bytes, size_t step, size_t max,
		     struct buf *got)
{
	struct buf in;
	struct span line;
	struct err err = { ERR_NONE, "" };
	enum line_result result = LINE_MORE;

	buf_init(&in, ROOM);
	buf_clear(got);
	while (bytes.len && result >= LINE_MORE) {
		size_t len = step < bytes.len ? step : bytes.len;

		buf_put(&in, span_of(bytes.at, len));
		bytes = span_skip(bytes, len);
		while ((result = line_take(&in, max, &line, &err)) == LINE_TAKEN) {
			buf_put(got, line);
			buf_puts(got, "|");
		}
	}
	if (result < LINE_MORE) {
		assert_int_equal(err.kind, ERR_PEER);
		buf_printf(got, "!%s", err.text);
	}
	buf_put(got, span_of("", 1));
	buf_free(&in);
}

static void same_lines_however_the_bytes_arrive(void **state)
{
	static const struct {
		struct span bytes;
		const char *want;
	} cases[] = {
		{ { "", 0 }, "" },
		{ { "a\r\n", 3 }, "a|" },
		{ { "\r\n\r\n", 4 }, "||" },
		{ { "a b\r\nc\r\nd", 9 }, "a b|c|" },
		{ { "\x80\xff\r\n", 4 }, "\x80\xff|" },
		{ { "12345678\r\n", 10 }, "12345678|" },
		{ { "123456789\r\n", 11 }, "!a line of more than 8 octets" },
		{ { "ok\r\n123456789", 13 }, "ok|!a line of more than 8 octets" },
		{ { "a\nb\r\n", 5 }, "!bare LF at octet 1 of a line" },
		{ { "a\rb\r\n", 5 }, "!bare CR at octet 1 of a line" },
		{ { "a\r\r\n", 4 }, "!bare CR at octet 1 of a line" },
		{ { "\n", 1 }, "!bare LF at octet 0 of a line" },
		{ { "x\r\na\0b\r\n", 8 }, "x|!NUL at octet 1 of a line" },
		{ { "a\0\n\r\n", 5 }, "!NUL at octet 1 of a line" },
		{ { "12345678\r9", 10 }, "!a line of more than 8 octets" },
	};
	struct buf got;

	(void)state;
	buf_init(&got, ROOM);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t step = 1; step <= cases[i].bytes.len; step++) {
			take_all(cases[i].bytes, step, 8, &got);
			assert_string_equal(buf_span(&got).at, cases[i].want);
		}
	buf_free(&got);
}

static void what_is_refused_or_half_there_stays_in_the_queue(void **state)
{
	static const char *const stays[] = { "abc", "abc\r", "ab\nc\r\n",
					     "123456789" };
	struct buf in;
	struct span line;

	(void)state;
	for (size_t i = 0; i < sizeof(stays) / sizeof(*stays); i++) {
		buf_init(&in, ROOM);
		buf_puts(&in, stays[i]);
		assert_int_not_equal(line_take(&in, 8, &line, NULL), LINE_TAKEN);
		assert_true(span_is(buf_span(&in), stays[i]));
		buf_free(&in);
	}
}

/* Drops one line out of `bytes`, given `step` at a time: what is left. */
static void check_drop(struct span bytes, size_t step, const char *left)
{
	struct buf in;
	size_t dropped = 0, given = 0;
	enum line_result result = LINE_MORE;

	buf_init(&in, ROOM);
	while (given < bytes.len && result == LINE_MORE) {
		size_t len = bytes.len - given < step ? bytes.len - given : step;

		buf_put(&in, span_of(bytes.at + given, len));
		given += len;
		result = line_drop(&in, &dropped);
		assert_true(result == LINE_TAKEN || in.len <= 1);
	}
	assert_int_equal(result, LINE_TAKEN);
	buf_put(&in, span_skip(bytes, given));
	assert_true(span_is(buf_span(&in), left));
	assert_int_equal(dropped, bytes.len - strlen(left));
	buf_free(&in);
}

static void the_rest_of_a_bad_line_goes_up_to_its_crlf(void **state)
{
	static const struct span bad[] = {
		{ "a\nb\rc\0d\r\nrest\r\n", 15 },
		{ "\r\r\nrest\r\n", 9 },
		{ "\n\r\r\r\nrest\r\n", 11 },
		{ "\r\nrest\r\n", 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t step = 1; step <= bad[i].len; step++)
			check_drop(bad[i], step, "rest\r\n");
}

static void dropping_keeps_no_more_than_a_cr(void **state)
{
	struct buf in;
	size_t dropped = 0;

	(void)state;
	buf_init(&in, ROOM);
	for (size_t i = 0; i < 100; i++) {
		buf_put(&in, span_str("no end of it\r"));
		assert_int_equal(line_drop(&in, &dropped), LINE_MORE);
		assert_int_equal(in.len, 1);
	}
	assert_int_equal(dropped, 100 * 13 - 1);
	buf_free(&in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_lines_however_the_bytes_arrive),
		cmocka_unit_test(what_is_refused_or_half_there_stays_in_the_queue),
		cmocka_unit_test(the_rest_of_a_bad_line_goes_up_to_its_crlf),
		cmocka_unit_test(dropping_keeps_no_more_than_a_cr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
