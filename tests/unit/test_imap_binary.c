#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_answer.h"
#include "proxy/engine/imap_binary.h"

/* Parts that are encoded in each way. */
static const char view[] = "A: 1\r\n\r\n"		/* 0, 8 */
			   "aGVsbG8Ad29y\r\nbGQ=\r\n"	/* 8, 20: hello NUL world */
			   "a=3Db=\r\nc  \r\n"		/* 28, 13: "a=bc\r\n" */
			   "as=3Dis"			/* 41, 7 */
			   "odd";			/* 48, 3 */

static struct shape_part parts[] = {
	{ .path = { 1 }, .path_n = 1, .body = { 8, 20 }, .encoding = SHAPE_BASE64 },
	{ .path = { 2 }, .path_n = 1, .body = { 28, 13 }, .encoding = SHAPE_QUOTED_PRINTABLE },
	{ .path = { 3 }, .path_n = 1, .body = { 41, 7 }, .encoding = SHAPE_IDENTITY },
	{ .path = { 4 }, .path_n = 1, .body = { 48, 3 }, .encoding = SHAPE_UNKNOWN_ENCODING },
	{ .path = { 5 }, .path_n = 1, .body = { 48, 30 }, .encoding = SHAPE_IDENTITY },
	{ .path = { 3, 1 }, .path_n = 2, .body = { 41, 2 }, .encoding = SHAPE_IDENTITY },
};

static const struct shape shape = { .size = sizeof(view) - 1, .parts = parts, .parts_n = 6 };

static bool read_item(const char *item, struct imap_fetch_items *items)
{
	struct span set;
	char args[100];

	snprintf(args, sizeof(args), " 1 (%s)", item);
	return imap_fetch_items_read(span_str(args), &set, items) == 0;
}

static void whole_answer(const char *item, struct span bytes, const struct shape *of,
			 struct buf *out)
{
	struct imap_fetch_items items;
	struct imap_binary binary;

	assert_true(read_item(item, &items));
	assert_true(items.binary && items.content);
	assert_true(imap_answer_needs_view(&items, of));
	imap_binary_begin(&binary, &items.at[0], of, bytes);
	while (!imap_binary_count(&binary))
		;
	/* its name is cut from what was read, which is gone */
	items.at[0].section = span_str("[]");
	assert_int_equal(0, imap_binary_put(&binary, out));
	while (!imap_binary_next(&binary, out))
		;
	assert_true(imap_binary_next(&binary, out));
	imap_fetch_items_free(&items);
}

static void is(const char *item, struct span want)
{
	struct buf out;

	buf_init(&out, 1000);
	whole_answer(item, span_of(view, sizeof(view) - 1), &shape, &out);
	assert_memory_equal(buf_span(&out).at, want.at, want.len);
	assert_int_equal(out.len, want.len);
	buf_free(&out);
}

#define IS(item, want) is(item, span_of(want, sizeof(want) - 1))

static void a_part_comes_without_its_encoding(void **state)
{
	(void)state;
	IS("BINARY[1]", "BINARY[] ~{11}\r\nhello\0world");
	IS("BINARY.PEEK[1]<6.3>", "BINARY[]<6> {3}\r\nwor");
	IS("BINARY.PEEK[1]<4.2>", "BINARY[]<4> ~{2}\r\no\0");
	IS("BINARY.PEEK[1]<10.9>", "BINARY[]<10> {1}\r\nd");
	IS("BINARY.PEEK[1]<11.9>", "BINARY[]<11> {0}\r\n");
	IS("BINARY.PEEK[1]<4294967295.4294967295>", "BINARY[]<4294967295> {0}\r\n");
	IS("BINARY[2]", "BINARY[] {6}\r\na=bc\r\n");
	IS("BINARY[3]", "BINARY[] {7}\r\nas=3Dis");
	IS("BINARY[3.1]", "BINARY[] {2}\r\nas");
	IS("BINARY.SIZE[1]", "BINARY.SIZE[] 11");
	IS("BINARY.SIZE[2]", "BINARY.SIZE[] 6");
	IS("BINARY.SIZE[3]", "BINARY.SIZE[] 7");
}

static void what_is_not_there_is_empty(void **state)
{
	(void)state;
	IS("BINARY[9]", "BINARY[] {0}\r\n");
	IS("BINARY[1.1]<5.5>", "BINARY[]<5> {0}\r\n");
	IS("BINARY.SIZE[9]", "BINARY.SIZE[] 0");
	/* a view that is shorter than its shape says holds nothing there */
	IS("BINARY[5]", "BINARY[] {0}\r\n");
}

static void the_whole_message_is_as_it_is_shown(void **state)
{
	(void)state;
	IS("BINARY[]<0.10>", "BINARY[]<0> {10}\r\nA: 1\r\n\r\naG");
	IS("BINARY[]<48.10>", "BINARY[]<48> {3}\r\nodd");
	IS("BINARY.SIZE[]", "BINARY.SIZE[] 51");
}

static void an_encoding_that_nobody_knows_is_found_out_before(void **state)
{
	struct imap_fetch_items items;

	(void)state;
	assert_true(read_item("BINARY[1] BINARY[2] BINARY[9] BINARY[] BODY[4]", &items));
	assert_true(imap_binary_known(&items, &shape));
	imap_fetch_items_free(&items);
	assert_true(read_item("BINARY[1] BINARY.SIZE[4]", &items));
	assert_false(imap_binary_known(&items, &shape));
	imap_fetch_items_free(&items);
}

static void what_is_large_comes_in_pieces(void **state)
{
	enum { LINES = 5000, OF = 60 };
	static char text[LINES * (OF + 2)];
	struct shape_part part = { .path = { 1 }, .path_n = 1, .body = { 0, sizeof(text) },
				   .encoding = SHAPE_BASE64 };
	struct shape large = { .size = sizeof(text), .parts = &part, .parts_n = 1 };
	struct buf all, some;

	(void)state;
	for (size_t i = 0; i < LINES; i++) {
		memset(text + i * (OF + 2), 'a' + (int)(i % 26), OF);
		memcpy(text + i * (OF + 2) + OF, "\r\n", 2);
	}
	buf_init(&all, sizeof(text));
	whole_answer("BINARY[1]", span_of(text, sizeof(text)), &large, &all);
	assert_true(span_starts_nocase(buf_span(&all), "BINARY[] {225000}\r\n"));
	assert_int_equal(all.len, 225000 + 19);
	for (uint64_t at = 1; at < 225000; at += 44441) {
		char item[60];
		struct span got;

		buf_init(&some, sizeof(text));
		snprintf(item, sizeof(item), "BINARY[1]<%llu.40000>", (unsigned long long)at);
		whole_answer(item, span_of(text, sizeof(text)), &large, &some);
		got = span_skip(buf_span(&some), span_find(buf_span(&some), '\n') + 1);
		assert_int_equal(got.len, at + 40000 > 225000 ? 225000 - at : 40000);
		assert_memory_equal(got.at, buf_span(&all).at + 19 + at, got.len);
		buf_free(&some);
	}
	buf_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_comes_without_its_encoding),
		cmocka_unit_test(what_is_not_there_is_empty),
		cmocka_unit_test(the_whole_message_is_as_it_is_shown),
		cmocka_unit_test(an_encoding_that_nobody_knows_is_found_out_before),
		cmocka_unit_test(what_is_large_comes_in_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
