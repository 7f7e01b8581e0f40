/* THREATS 108: views with more of everything than anybody writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "policy/job/shape_envelope.h"
#include "policy/job/shape_make.h"

#define MIXED "Content-Type: multipart/mixed; boundary=o\r\n\r\n"
#define NOBODY "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"

enum { VIEW_MAX = 16 * 1024 * 1024, SOON = 8 };

static struct buf view;

static int set_up(void **state)
{
	(void)state;
	buf_init(&view, VIEW_MAX);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_free(&view);
	return 0;
}

static void put(const char *text, size_t times)
{
	for (size_t i = 0; i < times; i++)
		assert_int_equal(buf_puts(&view, text), 0);
}

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t count(struct span in, const char *what)
{
	size_t n = 0, len = strlen(what);
	const char *at;

	while ((at = memmem(in.at, in.len, what, len))) {
		n++;
		in = span_skip(in, (size_t)(at - in.at) + len);
	}
	return n;
}

/* What was made of `view`: soon, within its limits, and the same on the wire. */
struct made {
	struct shape_entry entry;
	struct buf text, wire;
};

static void make(struct made *m, const char *what)
{
	struct shape_entry sent = { .kind = SHAPE_VIEW };
	double before = cpu_seconds();
	struct span wire;
	struct err err;

	buf_init(&m->text, SHAPE_MAX);
	buf_init(&m->wire, SHAPE_MAX);
	shape_make(buf_span(&view), &sent.shape, &m->text);
	if (cpu_seconds() - before > SOON)
		fail_msg("%s: after %.1f s", what, cpu_seconds() - before);
	if (shape_entry_encode(&sent, &m->wire) < 0)
		fail_msg("%s: it has no wire form", what);
	wire = buf_span(&m->wire);
	assert_int_equal(shape_entry_decode(&wire, &m->entry, &err), 0);
	assert_true(span_eq(m->entry.shape.envelope, sent.shape.envelope));
	assert_true(span_eq(m->entry.shape.bodystructure, sent.shape.bodystructure));
	assert_int_equal(m->entry.shape.size, view.len);
	assert_int_equal(m->entry.shape.header.size + m->entry.shape.text.size, view.len);
	free(sent.shape.parts);
}

static void drop(struct made *m)
{
	shape_entry_free(&m->entry);
	buf_free(&m->text);
	buf_free(&m->wire);
	buf_clear(&view);
}

/* One text and nobody in its envelope: said so in each answer. */
static bool is_least(const struct made *m)
{
	const struct shape *shape = &m->entry.shape;

	return span_is(shape->envelope, NOBODY) && span_eq(shape->body, shape->bodystructure) &&
	       shape->parts_n == 1 && shape->parts[0].body.size == view.len &&
	       shape->header.size == 0;
}

static void ten_thousand_addresses_are_told_and_no_more(void **state)
{
	static const char *const fields[] = { "To", "Cc", "Bcc", "Sender", "Reply-To" };
	struct made m;

	(void)state;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		(void)buf_printf(&view, "%s: ", fields[i]);
		put("a@b,\r\n ", SHAPE_ENVELOPE_ADDRESSES - 1);
		put("last@b, beyond@b\r\n\r\nx\r\n", 1);
		make(&m, fields[i]);
		assert_int_equal(count(m.entry.shape.envelope, " \"a\" \"b\")"),
				 SHAPE_ENVELOPE_ADDRESSES - 1);
		assert_int_equal(count(m.entry.shape.envelope, "\"last\" \"b\"))"), 1);
		assert_int_equal(count(m.entry.shape.envelope, "beyond"), 0);
		drop(&m);
	}
	put("From: us: ", 1);	/* which stands for two more fields; in a group that ends */
	put("a@b,", SHAPE_ENVELOPE_ADDRESSES + 1);
	put("\r\n\r\nx\r\n", 1);
	make(&m, "From");
	assert_int_equal(count(m.entry.shape.envelope, " \"a\" \"b\")"),
			 3 * SHAPE_ENVELOPE_ADDRESSES);
	assert_int_equal(count(m.entry.shape.envelope, "(NIL NIL NIL NIL))"), 3);
	drop(&m);
}

static const struct {
	const char *before, *each;
	size_t times;
} hostile[] = {
	{ "From: ", "a,", 500000 },
	{ "From: ", "<", 1000000 },
	{ "From: ", "<a", 500000 },
	{ "From: ", "a<", 500000 },
	{ "From: ", "<>", 500000 },
	{ "From: ", "\"<>", 330000 },
	{ "From: ", "(", 1000000 },
	{ "From: a ", "(x)", 330000 },
	{ "From: ", "<@a:", 250000 },
	{ "From: ", "@", 1000000 },
	{ "From: ", "\\", 1000000 },
	{ "From: ", "\r\n ", 300000 },
	{ "From: ", "\xc3\xbc,", 300000 },
	{ "X: y\r\n", "From: a@b\r\n", 90000 },
	{ "Subject: ", "\xc3\xbc", 500000 },
	{ "Content-Type: a/b", "; n*0=x", 10000 },
	{ "Content-Language: ", "a,", 500000 },
	{ MIXED, "--o\r\n\r\nx\r\n", 10000 },
	{ MIXED, "--o", 100000 },
	{ MIXED "--o", " ", 1000000 },
	{ MIXED, "--o\r\nContent-Type: message/rfc822\r\n\r\nFrom: a:;\r\n\r\n", 10000 },
	{ "", "Content-Type: message/rfc822\r\n\r\n", 10000 },
	{ "", "X: y\r\n", 100000 },
};

static void what_is_too_much_has_a_shape_soon(void **state)
{
	struct made m;

	(void)state;
	for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
		put(hostile[i].before, 1);
		put(hostile[i].each, hostile[i].times);
		put("\r\n\r\nx\r\n", 1);
		make(&m, hostile[i].before);
		drop(&m);
	}
}

/* Groups have no number; what they say has a limit, up to which all has to fit on the
 * wire beside the header that is kept there. */
static void a_shape_is_whole_or_the_least(void **state)
{
	size_t whole = 0, least = 0;
	struct made m;

	(void)state;
	for (size_t groups = 30000; groups < 44000; groups += 500) {
		put("From: ", 1);
		put("a:;", groups);
		put("\r\n\r\nx\r\n", 1);
		make(&m, "groups");
		if (is_least(&m)) {
			least++;
		} else {
			assert_int_equal(least, 0);
			assert_int_equal(count(m.entry.shape.envelope, "(NIL NIL NIL NIL)"),
					 3 * groups);
			whole++;
		}
		drop(&m);
	}
	assert_true(whole > 0 && least > 0);
}

static void put_pieces(const char *field, const char *value)
{
	(void)buf_printf(&view, "%s: %s", field, value);
	for (int i = 0; i < 100; i++)
		(void)buf_printf(&view, ";n*%d=x", 99 - i);
	put("\r\n", 1);
}

static void thousands_of_parts_with_a_hundred_pieces_each_are_read_soon(void **state)
{
	struct made m;

	(void)state;
	put(MIXED, 1);
	for (size_t i = 0; i < SHAPE_PARTS_MAX - 10; i++) {
		put("--o\r\n", 1);
		put_pieces("Content-Type", "a/b");
		put_pieces("Content-Disposition", "attachment");
		put("\r\nx\r\n", 1);
	}
	put("--o--\r\n", 1);
	make(&m, "pieces");
	assert_int_equal(m.entry.shape.parts_n, SHAPE_PARTS_MAX - 10);
	assert_int_equal(count(m.entry.shape.bodystructure, "(\"n\" \"xxxxxxxxxx"),
			 2 * (SHAPE_PARTS_MAX - 10));
	drop(&m);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ten_thousand_addresses_are_told_and_no_more),
		TEST(what_is_too_much_has_a_shape_soon),
		TEST(a_shape_is_whole_or_the_least),
		TEST(thousands_of_parts_with_a_hundred_pieces_each_are_read_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
