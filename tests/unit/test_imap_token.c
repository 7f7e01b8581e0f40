#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_token.h"

/* The kinds of all tokens, a letter each. */
static const char *kinds(const char *text, char letters[64])
{
	static const char names[] = "EAQL()X";
	struct span rest = span_str(text);
	struct imap_token token;
	size_t n = 0;

	do {
		(void)imap_token_next(&rest, &token);
		letters[n++] = names[token.kind];
	} while (token.kind != IMAP_TOKEN_END && token.kind != IMAP_TOKEN_BAD &&
		 n < 63);
	letters[n] = '\0';
	return letters;
}

static void each_word_has_its_kind(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "E" },
		{ " a b", "AAE" },
		{ " a  b", "AX" },
		{ " a ", "AX" },
		{ " \"a b\" c", "QAE" },
		{ " \"a\\\"b\" c", "QAE" },
		{ " \"a\\b\"", "X" },
		{ " \"a", "X" },
		{ " \"a\\", "X" },
		{ " {3}\r\na)b c", "LAE" },
		{ " {3+}\r\na\"b", "LE" },
		{ " {0}\r\n", "LE" },
		{ " {4}\r\nabc", "X" },
		{ " {03}\r\nabc", "X" },
		{ " {-1}\r\nabc", "X" },
		{ " {3 }\r\nabc", "X" },
		{ " {4294967296}\r\nabc", "X" },
		{ " {x{3}\r\nabc", "X" },
		{ " ~{3}\r\nabc", "X" },
		{ " (a (b)) c", "(A(A))AE" },
		{ " BODY[HEADER.FIELDS (FROM TO)]<0.5>", "A(AA)AE" },
		{ " a\tb", "AX" },
		{ " a\x7f", "AX" },
	};
	char got[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(kinds(cases[i].text, got), cases[i].want);
}

static void values_come_without_their_quoting(void **state)
{
	struct span rest = span_str(" \"a\\\\b\\\"\" {2}\r\n\xc3\xa4 nil");
	char *one = imap_token_astring(&rest), *two = imap_token_astring(&rest);
	char *three = imap_token_astring(&rest), *four = imap_token_astring(&rest);

	(void)state;
	assert_string_equal(one, "a\\b\"");
	assert_string_equal(two, "\xc3\xa4");
	assert_string_equal(three, "nil");
	assert_null(four);
	free(one);
	free(two);
	free(three);
}

static void a_nul_is_no_part_of_a_string(void **state)
{
	struct span rest = span_of(" {2}\r\na\0", 8);

	(void)state;
	assert_null(imap_token_astring(&rest));
}

static void what_is_put_reads_as_it_was(void **state)
{
	static const char *const values[] = { "", "a", "a b", "\"", "\\\\\"", "(",
					      "a\r\nb", "\xc3\xa4", "{3}" };

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct span rest;
		struct buf out;
		char *got;

		buf_init(&out, 100);
		assert_int_equal(0, imap_token_put(&out, span_str(values[i])));
		rest = buf_span(&out);
		got = imap_token_astring(&rest);
		assert_string_equal(got, values[i]);
		assert_int_equal(0, rest.len);
		free(got);
		buf_free(&out);
	}
}

static void parentheses_must_pair_and_not_nest_for_ever(void **state)
{
	char deep[2 * IMAP_TOKEN_DEPTH_MAX + 4] = "";

	(void)state;
	assert_true(imap_token_well_formed(span_str(" (a (b \"c)\") d) e")));
	assert_false(imap_token_well_formed(span_str(" (a")));
	assert_false(imap_token_well_formed(span_str(" a) (b")));
	assert_true(imap_token_well_formed(span_of(" {3}\r\na\1b", 9)));
	assert_false(imap_token_well_formed(span_of(" {3}\r\na\0b", 9)));
	memset(deep, '(', IMAP_TOKEN_DEPTH_MAX);
	memset(deep + IMAP_TOKEN_DEPTH_MAX, ')', IMAP_TOKEN_DEPTH_MAX);
	assert_true(imap_token_well_formed(span_str(deep)));
	memset(deep, '(', IMAP_TOKEN_DEPTH_MAX + 1);
	memset(deep + IMAP_TOKEN_DEPTH_MAX + 1, ')', IMAP_TOKEN_DEPTH_MAX + 1);
	assert_false(imap_token_well_formed(span_str(deep)));
}

static void announcements_are_read_by_the_letter(void **state)
{
	uint64_t size;
	bool waits, binary;

	(void)state;
	assert_true(imap_token_announced(span_str("A LOGIN {12}"), &size, &waits,
					 &binary));
	assert_true(waits && !binary && size == 12);
	assert_true(imap_token_announced(span_str("{0+}"), &size, &waits, &binary));
	assert_true(!waits && !binary && size == 0);
	assert_true(imap_token_announced(span_str("x ~{7}"), &size, &waits, &binary));
	assert_true(waits && binary && size == 7);
	assert_false(imap_token_announced(span_str("{}"), &size, &waits, &binary));
	assert_false(imap_token_announced(span_str("12}"), &size, &waits, &binary));
	assert_false(imap_token_announced(span_str("{1++}"), &size, &waits, &binary));
	assert_false(imap_token_announced(span_str("{01}"), &size, &waits, &binary));
	assert_false(imap_token_announced(span_str("{99999999999}"), &size, &waits,
					  &binary));
	assert_false(imap_token_announced(span_str(""), &size, &waits, &binary));
	assert_false(imap_token_announced(span_str("}"), &size, &waits, &binary));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_has_its_kind),
		cmocka_unit_test(values_come_without_their_quoting),
		cmocka_unit_test(a_nul_is_no_part_of_a_string),
		cmocka_unit_test(what_is_put_reads_as_it_was),
		cmocka_unit_test(parentheses_must_pair_and_not_nest_for_ever),
		cmocka_unit_test(announcements_are_read_by_the_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
