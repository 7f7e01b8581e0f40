#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/smtp_reply.h"

enum { ROOM = 256 * 1024 };

/* "CODE text|text", "more" or "!why" of what `bytes` begins with. */
static void take(struct span bytes, struct buf *got)
{
	struct smtp_reply reply;
	struct err err = { ERR_NONE, "" };
	struct buf in;
	size_t before;

	buf_init(&in, ROOM);
	buf_put(&in, bytes);
	before = in.len;
	buf_clear(got);
	switch (smtp_reply_take(&in, &reply, &err)) {
	case SMTP_REPLY_BAD:
		assert_int_equal(err.kind, ERR_PEER);
		buf_printf(got, "!%s", err.text);
		break;
	case SMTP_REPLY_MORE:
		assert_int_equal(in.len, before);
		buf_puts(got, "more");
		break;
	case SMTP_REPLY_TAKEN:
		buf_printf(got, "%u", reply.code);
		for (size_t i = 0; i < reply.lines.n; i++)
			buf_printf(got, "%c%s", i ? '|' : ' ', reply.lines.at[i]);
		buf_printf(got, " (%zu left)", in.len);
		break;
	}
	buf_put(got, span_of("", 1));
	smtp_reply_free(&reply);
	buf_free(&in);
}

static const struct {
	const char *bytes, *want;
} cases[] = {
	{ "250 ok\r\n", "250 ok (0 left)" },
	{ "250\r\n", "250  (0 left)" },
	{ "250 \r\n", "250  (0 left)" },
	{ "250-\r\n250\r\n", "250 | (0 left)" },
	{ "599 \x80 \t x\r\n220", "599 \x80 \t x (3 left)" },
	{ "250-a\r\n250-b\r\n250 c\r\n250 d\r\n", "250 a|b|c (7 left)" },
	{ "", "more" },
	{ "2", "more" },
	{ "250 ok\r", "more" },
	{ "250-a\r\n", "more" },
	{ "250-a\r\n250 b", "more" },
	{ "250-a\r\n251 b\r\n", "!reply of two codes, 250 and 251" },
	{ "250-a\r\n b\r\n", "!no SMTP reply:  b" },
	{ "199 a\r\n", "!no SMTP reply: 199 a" },
	{ "600 a\r\n", "!no SMTP reply: 600 a" },
	{ "25\r\n", "!no SMTP reply: 25" },
	{ "2500\r\n", "!no SMTP reply: 2500" },
	{ "25O ok\r\n", "!no SMTP reply: 25O ok" },
	{ "250_ok\r\n", "!no SMTP reply: 250_ok" },
	{ "\r\n", "!no SMTP reply: " },
	{ "250 a\n", "!reply: bare LF at octet 5 of a line" },
	{ "250 a\rb", "!reply: bare CR at octet 5 of a line" },
};

static void replies_are_taken_whole_or_not_at_all(void **state)
{
	struct buf got;

	(void)state;
	buf_init(&got, ROOM);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		take(span_str(cases[i].bytes), &got);
		assert_string_equal(buf_span(&got).at, cases[i].want);
	}
	take(span_of("250 a\0b\r\n", 9), &got);
	assert_string_equal(buf_span(&got).at, "!reply: NUL at octet 5 of a line");
	buf_free(&got);
}

/* `n` lines of `len` octets each, CRLF counted, then the last. */
static void fill(struct buf *bytes, size_t n, size_t len)
{
	buf_clear(bytes);
	for (size_t i = 0; i < n; i++) {
		buf_puts(bytes, "250-");
		for (size_t k = 6; k < len; k++)
			buf_puts(bytes, "x");
		buf_puts(bytes, "\r\n");
	}
	buf_puts(bytes, "250 end\r\n");
}

static void what_has_no_end_is_refused_in_time(void **state)
{
	static const struct {
		size_t n, len;
		char first;	/* of what comes out */
	} sizes[] = {
		{ 1, SMTP_REPLY_LINE_MAX, '2' },
		{ 1, SMTP_REPLY_LINE_MAX + 1, '!' },
		{ SMTP_REPLY_LINES_MAX - 1, 20, '2' },
		{ SMTP_REPLY_LINES_MAX, 20, '!' },
		{ 32, 2000, '2' },
		{ 33, 2000, '!' },	/* more than 64 KiB */
	};
	struct buf bytes, got;

	(void)state;
	buf_init(&bytes, ROOM);
	buf_init(&got, ROOM);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		fill(&bytes, sizes[i].n, sizes[i].len);
		take(buf_span(&bytes), &got);
		assert_int_equal(buf_span(&got).at[0], sizes[i].first);
	}
	buf_free(&bytes);
	buf_free(&got);
}

static void a_reply_goes_out_as_it_came_in(void **state)
{
	char *lines[] = { "5.1.1 a", "", "b \xc3\xa9\tc" };
	struct smtp_reply reply = { 550, { lines, 3 } };
	struct buf out;

	(void)state;
	buf_init(&out, ROOM);
	assert_int_equal(smtp_reply_put(&out, &reply), 0);
	assert_true(span_is(buf_span(&out), "550-5.1.1 a\r\n550-\r\n"
			    "550 b \xc3\xa9\tc\r\n"));
	buf_free(&out);
}

static void what_could_do_harm_in_a_reply_becomes_a_question_mark(void **state)
{
	char *lines[] = { "a\x1b[2J\r\n250 b\x7f\x80\xff" };
	struct smtp_reply reply = { 550, { lines, 1 } };
	struct buf out;

	(void)state;
	buf_init(&out, ROOM);
	assert_int_equal(smtp_reply_put(&out, &reply), 0);
	assert_true(span_is(buf_span(&out), "550 a?[2J??250 b???\r\n"));
	buf_free(&out);
}

static void a_full_queue_is_told(void **state)
{
	char *lines[] = { "text" };
	struct smtp_reply reply = { 250, { lines, 1 } };
	struct buf out;

	(void)state;
	for (size_t room = 0; room < 10; room++) {
		buf_init(&out, room);
		assert_int_equal(smtp_reply_put(&out, &reply), -1);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_taken_whole_or_not_at_all),
		cmocka_unit_test(what_has_no_end_is_refused_in_time),
		cmocka_unit_test(a_reply_goes_out_as_it_came_in),
		cmocka_unit_test(what_could_do_harm_in_a_reply_becomes_a_question_mark),
		cmocka_unit_test(a_full_queue_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
