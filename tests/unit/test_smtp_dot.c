#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/smtp_dot.h"

enum { ROOM = 1024 * 1024 };

/* Reads `wire` given `step` bytes at a time, as far as its end. Returns the
 * faults; `left` is how many bytes stand behind the end, -1 without one. */
static unsigned read_all(struct span wire, size_t step, size_t line_max,
			 struct buf *got, long *left)
{
	struct smtp_dot_reader reader;
	struct buf in;
	size_t given = 0, taken = 1;
	struct span run;
	enum smtp_dot_result result = SMTP_DOT_MORE;

	smtp_dot_reader_init(&reader, line_max);
	buf_init(&in, ROOM);
	buf_clear(got);
	while (result != SMTP_DOT_END && (given < wire.len || taken)) {
		size_t len = wire.len - given < step ? wire.len - given : step;

		if (result == SMTP_DOT_MORE) {
			buf_put(&in, span_of(wire.at + given, len));
			given += len;
		}
		result = smtp_dot_read(&reader, buf_span(&in), &taken, &run);
		assert_true(result != SMTP_DOT_RUN || run.len > 0);
		assert_true(result != SMTP_DOT_MORE || in.len - taken <= 3);
		buf_put(got, run);
		buf_drop(&in, taken);
	}
	*left = result == SMTP_DOT_END ? (long)(in.len + wire.len - given) : -1;
	buf_free(&in);
	return reader.faults;
}

static const struct {
	struct span wire;
	const char *text;	/* of a good one */
	unsigned faults;
	long left;
} wires[] = {
	{ { ".\r\n", 3 }, "", 0, 0 },
	{ { "a\r\n.\r\n", 6 }, "a\r\n", 0, 0 },
	{ { "\r\n.\r\n", 5 }, "\r\n", 0, 0 },
	{ { "..\r\n.\r\n", 7 }, ".\r\n", 0, 0 },
	{ { "...\r\n..a\r\n.b\r\n.\r\n", 17 }, "..\r\n.a\r\nb\r\n", 0, 0 },
	{ { "a.\r\n.\r\nNOOP\r\n", 13 }, "a.\r\n", 0, 6 },
	{ { "a\r\n.\r\n.\r\n", 9 }, "a\r\n", 0, 3 },
	{ { "no end\r\n.", 9 }, NULL, 0, -1 },
	{ { "no end\r\n.\r", 10 }, NULL, 0, -1 },
	{ { "a\n.\n\r\n.\r\n", 9 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\n.\r\nb\r\n.\r\n", 11 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\r.\rb\r\n.\r\n", 10 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\r.\r\nb\r\n.\r\n", 11 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\r\n.\nb\r\n.\r\n", 11 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\r\n.\rb\r\n.\r\n", 11 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\r\n.\r\r\nb\r\n.\r\n", 13 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\r\r\n.\r\n", 7 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "\n.\r\n\r\n.\r\n", 9 }, NULL, SMTP_DOT_BARE, 0 },
	{ { "a\0b\r\n.\r\n", 8 }, NULL, SMTP_DOT_NUL, 0 },
	{ { "a\r\n\0.\r\nb\r\n.\r\n", 13 }, NULL, SMTP_DOT_NUL, 0 },
	{ { "a\r\n.\0\r\nb\r\n.\r\n", 13 }, NULL, SMTP_DOT_NUL, 0 },
	{ { "a\r\0\n.\r\nb\r\n.\r\n", 13 }, NULL,
	  SMTP_DOT_NUL | SMTP_DOT_BARE, 0 },
	{ { "12345678901234\r\n.\r\n", 19 }, "12345678901234\r\n", 0, 0 },
	{ { "123456789012345\r\n.\r\n", 20 }, NULL, SMTP_DOT_LONG, 0 },
	{ { "..2345678901234\r\n.\r\n", 20 }, ".2345678901234\r\n", 0, 0 },
	{ { "1234567890123456789\n.\r\n\r\n.\r\n", 28 }, NULL,
	  SMTP_DOT_LONG | SMTP_DOT_BARE, 0 },
};

static void same_message_however_the_bytes_arrive(void **state)
{
	struct buf got;
	long left;

	(void)state;
	buf_init(&got, ROOM);
	for (size_t i = 0; i < sizeof(wires) / sizeof(*wires); i++)
		for (size_t step = 1; step <= wires[i].wire.len; step++) {
			unsigned faults = read_all(wires[i].wire, step, 16, &got,
						   &left);

			assert_int_equal(faults, wires[i].faults);
			assert_int_equal(left, wires[i].left);
			assert_true(!wires[i].text ||
				    span_is(buf_span(&got), wires[i].text));
		}
	buf_free(&got);
}

static void a_run_is_all_that_needs_no_change(void **state)
{
	static const char wire[] = "one\r\ntwo\r\nthree";
	struct smtp_dot_reader reader;
	struct span run;
	size_t taken;

	(void)state;
	smtp_dot_reader_init(&reader, 1000);
	assert_int_equal(smtp_dot_read(&reader, span_str(wire), &taken, &run),
			 SMTP_DOT_RUN);
	assert_ptr_equal(run.at, wire);
	assert_int_equal(run.len, strlen(wire));
}

/* Writes `bytes` given `step` at a time; 0, or -1 when it is refused. */
static int write_all(struct span bytes, size_t step, struct buf *out)
{
	struct smtp_dot_writer writer = { 0 };

	buf_clear(out);
	while (bytes.len) {
		size_t len = step < bytes.len ? step : bytes.len;

		if (smtp_dot_write(&writer, out, span_of(bytes.at, len)) < 0)
			return -1;
		bytes = span_skip(bytes, len);
	}
	return smtp_dot_write_end(&writer, out);
}

static void dots_are_doubled_however_the_bytes_come(void **state)
{
	static const struct {
		const char *text, *wire;
	} cases[] = {
		{ "", ".\r\n" },
		{ ".", "..\r\n.\r\n" },
		{ "a", "a\r\n.\r\n" },
		{ "a\r\n", "a\r\n.\r\n" },
		{ ".\r\n", "..\r\n.\r\n" },
		{ ".\r\n.\r\n..a\r\nb.\r\n", "..\r\n..\r\n...a\r\nb.\r\n.\r\n" },
		{ "\r\n\r\n", "\r\n\r\n.\r\n" },
		{ "a\r\n.b", "a\r\n..b\r\n.\r\n" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, ROOM);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t step = 1; step <= strlen(cases[i].text) + 1; step++) {
			assert_int_equal(write_all(span_str(cases[i].text), step,
						   &out), 0);
			assert_true(span_is(buf_span(&out), cases[i].wire));
		}
	buf_free(&out);
}

static void what_is_no_crlf_text_is_never_written_to_its_end(void **state)
{
	static const struct span bad[] = {
		{ "a\nb\r\n", 5 }, { "a\rb\r\n", 5 }, { "a\0\r\n", 4 },
		{ "\n", 1 }, { "a\r", 2 }, { "a\r\r\n", 4 }, { "\r\n\n", 3 },
		{ ".\n", 2 }, { "\0", 1 },
	};
	struct buf out;

	(void)state;
	buf_init(&out, ROOM);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t step = 1; step <= bad[i].len; step++)
			assert_int_equal(write_all(bad[i], step, &out), -1);
	buf_free(&out);
}

static void a_bad_writer_stays_bad(void **state)
{
	struct smtp_dot_writer writer = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, ROOM);
	assert_int_equal(smtp_dot_write(&writer, &out, span_str("a\nb")), -1);
	assert_true(writer.bad);
	assert_int_equal(smtp_dot_write(&writer, &out, span_str("c\r\n")), -1);
	assert_int_equal(smtp_dot_write_end(&writer, &out), -1);
	buf_free(&out);
}

static void without_room_nothing_is_taken(void **state)
{
	struct smtp_dot_writer writer = { 0 };
	struct buf out;

	(void)state;
	buf_init(&out, 10);
	assert_int_equal(smtp_dot_write(&writer, &out, span_str("123456789")), -1);
	assert_int_equal(out.len, 0);
	assert_false(writer.bad);
	assert_int_equal(smtp_dot_write(&writer, &out, span_str(".\r\n")), 0);
	assert_true(span_is(buf_span(&out), "..\r\n"));
	buf_free(&out);
}

static void what_is_written_is_read_back(void **state)
{
	static const char digits[] = ".a\r\n";
	struct buf text, wire, got;
	long left;

	(void)state;
	buf_init(&text, ROOM);
	buf_init(&wire, ROOM);
	buf_init(&got, ROOM);
	/* All texts of six signs out of dot, letter and CRLF. */
	for (unsigned n = 0; n < 729; n++) {
		buf_clear(&text);
		for (unsigned i = 0, rest = n; i < 6; i++, rest /= 3)
			buf_put(&text, rest % 3 == 2
				? span_of(digits + 2, 2)
				: span_of(digits + rest % 3, 1));
		buf_puts(&text, "\r\n");
		assert_int_equal(write_all(buf_span(&text), 4, &wire), 0);
		assert_int_equal(read_all(buf_span(&wire), 3, 100, &got, &left), 0);
		assert_int_equal(left, 0);
		assert_true(span_eq(buf_span(&got), buf_span(&text)));
	}
	buf_free(&text);
	buf_free(&wire);
	buf_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_message_however_the_bytes_arrive),
		cmocka_unit_test(a_run_is_all_that_needs_no_change),
		cmocka_unit_test(dots_are_doubled_however_the_bytes_come),
		cmocka_unit_test(what_is_no_crlf_text_is_never_written_to_its_end),
		cmocka_unit_test(a_bad_writer_stays_bad),
		cmocka_unit_test(without_room_nothing_is_taken),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
