#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_answer.h"

/*
 * A multipart of a text and an embedded message:
 * "A: 1\r\nB: 2\r\n x\r\na: 3\r\n\r\n" is the header, then the two.
 */
static const char view[] = "A: 1\r\nB: 2\r\n x\r\na: 3\r\n\r\n"	/* 0, 24 */
			   "M: 1\r\n\r\nhello"			/* 24, 8 + 5 */
			   "T: m\r\n\r\nS: i\r\n\r\ndeep";	/* 37, 8 + 8 + 4 */

static struct shape_part parts[] = {
	{ .path = { 1 }, .path_n = 1, .mime = { 24, 8 }, .body = { 32, 5 } },
	{ .path = { 2 }, .path_n = 1, .mime = { 37, 8 }, .body = { 45, 12 },
	  .message = true, .header = { 45, 8 }, .text = { 53, 4 } },
	{ .path = { 2, 1 }, .path_n = 2, .mime = { 45, 8 }, .body = { 53, 4 } },
};

static struct shape shape_of(void)
{
	return (struct shape){
		.size = sizeof(view) - 1, .header = { 0, 24 }, .text = { 24, 33 },
		.envelope = span_str("(e)"), .body = span_str("(b)"),
		.bodystructure = span_str("(s)"), .header_bytes = span_of(view, 24),
		.parts = parts, .parts_n = 3,
	};
}

static const struct {
	const char *item, *want;
	bool needs;
} cases[] = {
	{ "RFC822.SIZE", "RFC822.SIZE 57", false },
	{ "ENVELOPE", "ENVELOPE (e)", false },
	{ "BODY", "BODY (b)", false },
	{ "BODYSTRUCTURE", "BODYSTRUCTURE (s)", false },
	{ "BODY[HEADER]", "BODY[HEADER] {24}\r\nA: 1\r\nB: 2\r\n x\r\na: 3\r\n\r\n", false },
	{ "RFC822.HEADER", "RFC822.HEADER {24}\r\nA: 1\r\nB: 2\r\n x\r\na: 3\r\n\r\n", false },
	{ "BODY.PEEK[HEADER.FIELDS (\"a\" C)]",
	  "BODY[HEADER.FIELDS (\"a\" C)] {14}\r\nA: 1\r\na: 3\r\n\r\n", false },
	{ "BODY[HEADER.FIELDS.NOT (A)]",
	  "BODY[HEADER.FIELDS.NOT (A)] {12}\r\nB: 2\r\n x\r\n\r\n", false },
	{ "BODY[HEADER.FIELDS (Aa b a1 B \"\" b)]",
	  "BODY[HEADER.FIELDS (Aa b a1 B \"\" b)] {12}\r\nB: 2\r\n x\r\n\r\n", false },
	{ "BODY[HEADER.FIELDS (C)]<1.9>", "BODY[HEADER.FIELDS (C)]<1> {1}\r\n\n", false },
	/* a server says no {n+} (THREATS 71) */
	{ "BODY[HEADER.FIELDS ({1+}\r\nB C \"D\" {3}\r\nE\" )]",
	  "BODY[HEADER.FIELDS (\"B\" C \"D\" \"E\\\" \")] {12}\r\nB: 2\r\n x\r\n\r\n", false },
	{ "BODY[HEADER.FIELDS.NOT (A {2+}\r\n\xc3\xa4)]<0.1>",
	  "BODY[HEADER.FIELDS.NOT (A {2}\r\n\xc3\xa4)]<0> {1}\r\nB", false },
	{ "BODY[TEXT]<8.5>", "BODY[TEXT]<8> {5}\r\nhello", true },
	{ "BODY[]<53.100>", "BODY[]<53> {4}\r\ndeep", true },
	{ "BODY[]<57.1>", "BODY[]<57> {0}\r\n", true },
	{ "BODY[]<4000000000.1>", "BODY[]<4000000000> {0}\r\n", true },
	{ "BODY[1]", "BODY[1] {5}\r\nhello", true },
	{ "BODY[1.MIME]", "BODY[1.MIME] {8}\r\nM: 1\r\n\r\n", true },
	{ "BODY[1.HEADER]", "BODY[1.HEADER] {0}\r\n", true },
	{ "BODY[1.1]", "BODY[1.1] {0}\r\n", true },
	{ "BODY[3]", "BODY[3] {0}\r\n", true },
	{ "BODY[3]<5.9>", "BODY[3]<5> {0}\r\n", true },
	{ "BODY[3.HEADER.FIELDS (S)]", "BODY[3.HEADER.FIELDS (S)] {0}\r\n", true },
	{ "BODY[2.HEADER]", "BODY[2.HEADER] {8}\r\nS: i\r\n\r\n", true },
	{ "BODY[2.HEADER.FIELDS (S)]",
	  "BODY[2.HEADER.FIELDS (S)] {8}\r\nS: i\r\n\r\n", true },
	{ "BODY[2.TEXT]", "BODY[2.TEXT] {4}\r\ndeep", true },
	{ "BODY[2.1]", "BODY[2.1] {4}\r\ndeep", true },
};

static void is(const char *item, const struct shape *shape, struct span bytes,
	       bool needs, const char *want)
{
	struct imap_fetch_items items;
	struct buf head;
	struct span set, body;
	char args[200];

	snprintf(args, sizeof(args), " 1 (%s)", item);
	assert_int_equal(0, imap_fetch_items_read(span_str(args), &set, &items));
	assert_int_equal(needs, imap_answer_needs_view(&items, shape));
	buf_init(&head, 1000);
	assert_int_equal(0, imap_answer_item(&items.at[0], shape, bytes, &head, &body));
	assert_int_equal(0, buf_put(&head, body));
	assert_int_equal(0, buf_put(&head, span_of("", 1)));
	assert_string_equal(want, buf_span(&head).at);
	buf_free(&head);
	imap_fetch_items_free(&items);
}

static void each_item_is_cut_from_shape_and_view(void **state)
{
	struct shape shape = shape_of();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		is(cases[i].item, &shape,
		   cases[i].needs ? span_of(view, sizeof(view) - 1) : span_str(""),
		   cases[i].needs, cases[i].want);
}

static void a_header_that_is_not_kept_is_cut_from_the_view(void **state)
{
	struct shape shape = shape_of();

	(void)state;
	shape.header_bytes = span_str("");
	for (size_t i = 4; i < 9; i++)
		is(cases[i].item, &shape, span_of(view, sizeof(view) - 1), true,
		   cases[i].want);
	/* a view that is shorter than its shape says holds nothing there */
	is("BODY[HEADER]", &shape, span_of(view, 23), true, "BODY[HEADER] {0}\r\n");
	/* one without a header is there all the same */
	shape.header.size = 0;
	is("BODY[HEADER]", &shape, span_str(""), false, "BODY[HEADER] {0}\r\n");
}

static void lines_that_are_no_fields_are_among_the_others(void **state)
{
	static const char header[] = "what\r\nA: 1\r\n\0odd: x\r\nB: 2\r\n\r\n";
	struct shape shape = shape_of();

	(void)state;
	shape.header = (struct shape_range){ 0, sizeof(header) - 1 };
	shape.header_bytes = span_of(header, sizeof(header) - 1);
	is("BODY[HEADER.FIELDS (B)]", &shape, span_str(""), false,
	   "BODY[HEADER.FIELDS (B)] {8}\r\nB: 2\r\n\r\n");
	shape.header_bytes = span_str("what\r\nA: 1\r\n");
	shape.header.size = shape.header_bytes.len;
	is("BODY[HEADER.FIELDS.NOT (A)]", &shape, span_str(""), false,
	   "BODY[HEADER.FIELDS.NOT (A)] {6}\r\nwhat\r\n");
}

static void what_does_not_fit_is_no_answer(void **state)
{
	struct shape shape = shape_of();
	struct imap_fetch_items items;
	struct span set, body;
	struct buf head;

	(void)state;
	assert_int_equal(0, imap_fetch_items_read(span_str(" 1 (BODY[HEADER.FIELDS (A)] UID)"),
						  &set, &items));
	for (size_t room = 0; room < 45; room++) {
		buf_init(&head, room);
		assert_int_equal(room < 44 ? -1 : 0,
				 imap_answer_item(&items.at[0], &shape, span_str(""),
						  &head, &body));
		buf_free(&head);
	}
	buf_init(&head, 100);
	assert_int_equal(-1, imap_answer_item(&items.at[1], &shape, span_str(""), &head,
					      &body));
	buf_free(&head);
	imap_fetch_items_free(&items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_item_is_cut_from_shape_and_view),
		cmocka_unit_test(a_header_that_is_not_kept_is_cut_from_the_view),
		cmocka_unit_test(lines_that_are_no_fields_are_among_the_others),
		cmocka_unit_test(what_does_not_fit_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
