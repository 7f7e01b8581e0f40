#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>

/* All fields of `block`, as "name=body|", and how the walk ended. */
static char *walked(const char *block, int *end)
{
	struct span rest = span_str(block);
	struct header_field field;
	char *text = mem_strdup("");

	while ((*end = header_next(&rest, &field)) == 1) {
		char *more = mem_printf("%s%.*s=%.*s|", text, (int)field.name.len, field.name.at,
					(int)field.body.len, field.body.at);

		free(text);
		text = more;
	}
	return text;
}

static void fields_are_cut_where_rfc_5322_cuts_them(void **state)
{
	static const struct {
		const char *block, *want;
		int end;
	} cases[] = {
		{ "", "", 0 },
		{ "\r\nbody: x\r\n", "", 0 },
		{ "A: 1\r\nB:2\r\n\r\nC: 3\r\n", "A= 1|B=2|", 0 },
		{ "A: 1\r\n two\r\n\tthree\r\nB: 2", "A= 1\r\n two\r\n\tthree|B= 2|", 0 },
		{ "A:\r\n \r\n\r\n", "A=\r\n |", 0 },
		{ "A:", "A=|", 0 },
		{ "From : x\r\n", "From= x|", 0 },
		{ "From \t: x\r\n", "From= x|", 0 },
		{ " From: x\r\n", "", -1 },
		{ "A: 1\r\nno colon\r\nB: 2\r\n", "A= 1|", -1 },
		{ ": x\r\n", "", -1 },
		{ "A b: x\r\n", "", -1 },
		{ "From alice Mon Jan 1 00:00:00\r\n", "", -1 },
		{ "A\xc3\xa9: x\r\n", "", -1 },
		{ "A\x7f: x\r\n", "", -1 },
		{ "A\x01: x\r\n", "", -1 },
		{ "A: 1\nB: 2\r\n", "A= 1\nB: 2|", 0 },
		{ "A: 1\rB: 2\r\n", "A= 1\rB: 2|", 0 },
		{ "A: 1\r\n\nB: 2\r\n", "A= 1|", -1 },
		{ "A: x:y: z\r\n", "A= x:y: z|", 0 },
		{ "\r", "", -1 },
		{ "A: 1\r\n\r", "A= 1|", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int end;
		char *got = walked(cases[i].block, &end);

		assert_string_equal(got, cases[i].want);
		assert_int_equal(end, cases[i].end);
		free(got);
	}
}

static void raw_fields_put_together_are_the_block(void **state)
{
	static const char block[] = "A: 1\r\n x\r\nB : \r\n \r\nC:z\r\n\r\nbody";
	struct span rest = span_str(block);
	struct header_field field;
	size_t at = 0;

	(void)state;
	while (header_next(&rest, &field) == 1) {
		assert_ptr_equal(field.raw.at, block + at);
		at += field.raw.len;
	}
	assert_ptr_equal(rest.at, block + at);
	assert_string_equal(rest.at, "\r\nbody");
}

static void check_end(const char *message, size_t fields, size_t body)
{
	size_t fields_end, at;

	assert_int_equal(header_end(span_str(message), &fields_end, &at), 0);
	assert_int_equal(fields_end, fields);
	assert_int_equal(at, body);
	assert_int_equal(header_end(span_str(message), NULL, &at), 0);
	assert_int_equal(at, body);
}

static void the_body_begins_behind_the_empty_line(void **state)
{
	(void)state;
	check_end("A: 1\r\n\r\nbody", 6, 8);
	check_end("A: 1\r\n\r\n", 6, 8);
	check_end("\r\nbody", 0, 2);
	check_end("A: 1\r\n", 6, 6);
	check_end("A: 1", 4, 4);
	check_end("", 0, 0);
	check_end("A: 1\r\nno field\r\n\r\nB: 2\r\n", 6, 6);
	check_end("no field", 0, 0);
	check_end("A: 1\r\n\r\n\r\nbody", 6, 8);
}

/* A header block of `fields` fields of `size` octets each, then an empty line
 * and a body that makes the message longer than any limit. */
static char *large(size_t fields, size_t size, size_t *len)
{
	char *text;

	*len = fields * size + 2 + HEADER_BLOCK_MAX;
	text = mem_new(*len + 1);
	memset(text, 'x', *len);
	for (size_t i = 0; i < fields; i++) {
		memcpy(text + i * size, "A:", 2);
		memcpy(text + (i + 1) * size - 2, "\r\n", 2);
	}
	memcpy(text + fields * size, "\r\n", 2);
	return text;
}

static void header_limits_hold(void **state)
{
	size_t len, body;
	char *text = large(HEADER_FIELDS_MAX, 10, &len);

	(void)state;
	assert_int_equal(header_end(span_of(text, len), NULL, &body), 0);
	assert_int_equal(body, HEADER_FIELDS_MAX * 10 + 2);
	free(text);
	text = large(HEADER_FIELDS_MAX + 1, 10, &len);
	assert_int_equal(header_end(span_of(text, len), NULL, &body), -1);
	free(text);
	for (size_t over = 0; over < 6; over++) {
		/* The empty line ends at, or up to five octets past the limit. */
		text = large(1, HEADER_BLOCK_MAX - 2 + over, &len);
		assert_int_equal(header_end(span_of(text, len), NULL, &body), over ? -1 : 0);
		free(text);
	}
	text = large(1, HEADER_BLOCK_MAX - 10, &len);
	memcpy(text + HEADER_BLOCK_MAX - 10, "no field", 8);
	assert_int_equal(header_end(span_of(text, len), NULL, &body), -1);
	memcpy(text + HEADER_BLOCK_MAX - 2, "\r\n", 2);
	assert_int_equal(header_end(span_of(text, len), NULL, &body), 0);
	assert_int_equal(body, HEADER_BLOCK_MAX - 10);
	free(text);
}

static void fields_are_found_whatever_their_case(void **state)
{
	static const char block[] = "From: 1\r\nX-From: 2\r\nfrom: 3\r\nFROM : 4\r\n"
				    "\r\nFrom: 5\r\n";
	struct header_field field = { .name = span_str("none") };

	(void)state;
	assert_int_equal(header_find(span_str(block), "from", &field), 3);
	assert_true(span_is(field.body, " 1"));
	assert_int_equal(header_find(span_str(block), "X-FROM", NULL), 1);
	assert_int_equal(header_find(span_str(block), "To", &field), 0);
	assert_true(span_is(field.body, " 1"));
}

static void unfolding_removes_line_ends_before_blanks_only(void **state)
{
	static const char *const cases[][2] = {
		{ " a\r\n b", "a b" }, { " a\r\n\tb ", "a\tb" }, { "\r\n a", "a" },
		{ "a\r\n", "a" }, { "a\r\n \r\n  b", "a   b" }, { "a\r\nb", "a\r\nb" },
		{ "a\rb\nc", "a\rb\nc" }, { "", "" }, { " \t ", "" },
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		text = header_unfold(span_str(cases[i][0]));
		assert_string_equal(text, cases[i][1]);
		free(text);
	}
	text = header_unfold(span_of(" a\0b", 4));
	assert_string_equal(text, "a b");
	free(text);
}

static void structural_fields_are_those_of_rfc_9788(void **state)
{
	(void)state;
	assert_true(header_structural(span_str("content-TYPE")));
	assert_true(header_structural(span_str("Content-X")));
	assert_true(header_structural(span_str("Mime-version")));
	assert_false(header_structural(span_str("Mime-versions")));
	assert_false(header_structural(span_str("Contents")));
	assert_false(header_structural(span_str("Subject")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_are_cut_where_rfc_5322_cuts_them),
		cmocka_unit_test(raw_fields_put_together_are_the_block),
		cmocka_unit_test(the_body_begins_behind_the_empty_line),
		cmocka_unit_test(header_limits_hold),
		cmocka_unit_test(fields_are_found_whatever_their_case),
		cmocka_unit_test(unfolding_removes_line_ends_before_blanks_only),
		cmocka_unit_test(structural_fields_are_those_of_rfc_9788),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
