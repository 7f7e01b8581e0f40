#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <letterlock/buf.h>
#include <letterlock/mem.h>

#include "policy/job/answers.h"

static char *joined(const struct strs *ids)
{
	struct buf text;

	buf_init(&text, 100000);
	for (size_t i = 0; i < ids->n; i++)
		assert_int_equal(buf_printf(&text, "%s%s", i ? " " : "", ids->at[i]), 0);
	return buf_take_string(&text);
}

static void an_id_is_found_however_it_is_written(void **state)
{
	static const struct {
		const char *fields, *want;
		bool unsure;
	} cases[] = {
		{ "In-Reply-To: <a@x>\r\n", "a@x", false },
		{ "in-reply-to:<a@x>\r\n", "a@x", false },
		{ "In-Reply-To : <a@x>\r\n", "a@x", false },
		{ "In-Reply-To: a@x\r\n", "a@x", false },
		{ "In-Reply-To: <a@x\r\n", "a@x", false },
		{ "In-Reply-To: a@x>\r\n", "a@x", false },
		{ "References: <a@x> <b@x>\r\n", "a@x b@x", false },
		{ "References: <a@x><b@x>,<c@x>\r\n", "a@x b@x c@x", false },
		{ "References: <a@x>\r\n\t<b@x>\r\n", "a@x b@x", false },
		{ "References: <a\r\n @x>\r\n", "a @x a@x", false },
		{ "References: (<a@x> <b@x>\r\n", "( a@x b@x", false },
		{ "References: (of <a@x>) <b@x>\r\n", "(of a@x ) b@x", false },
		{ "References: \"<a@x>\" <\"b c\"@x>\r\n", "\" a@x \" \"b c\"@x \"bc\"@x", false },
		{ "References: <A@x>\r\n", "A@x", false },
		{ "References: <a@x>\r\nReferences: <b@x>\r\nIn-Reply-To: <c@x>\r\n",
		  "a@x b@x c@x", false },
		{ "X-Forwarded-Message-Id: <a@x>\r\n", "a@x", false },
		{ "References: <\xff@x>\r\n", "\xff@x", false },
		{ "References: =?utf-8?q?=3Ca=40x=3E?=\r\n", "=?utf-8?q?=3Ca=40x=3E?=", true },
		{ "References:\r\n", "", false },
		{ "References: <>,, \t<\r\n", "", false },
		{ "Subject: <a@x>\r\nMessage-ID: <b@x>\r\n", "", false },
		{ "Subject: x\r\n\r\nReferences: <a@x>\r\n", "", false },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct strs ids = { 0 };
		bool all = answers_named(span_str(cases[i].fields), &ids);
		char *got = joined(&ids);

		if (strcmp(got, cases[i].want) != 0 || all == cases[i].unsure)
			fail_msg("%s: %s (%d)", cases[i].fields, got, all);
		free(got);
		strs_free(&ids);
	}
}

static void a_nul_ends_an_id_and_hides_none(void **state)
{
	static const char fields[] = "References: <a@x\0> <b@x>\r\n";
	struct strs ids = { 0 };

	(void)state;
	assert_true(answers_named(span_of(fields, sizeof(fields) - 1), &ids));
	assert_int_equal(ids.n, 2);
	assert_string_equal(ids.at[0], "a@x");
	assert_string_equal(ids.at[1], "b@x");
	strs_free(&ids);
}

/* `n` ids of `len` octets each. */
static bool read_many(size_t n, size_t len, struct strs *ids)
{
	struct buf text;
	bool all;

	buf_init(&text, 1000000);
	assert_int_equal(buf_puts(&text, "References:"), 0);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(buf_printf(&text, " <%0*zu>", (int)len, i), 0);
	assert_int_equal(buf_puts(&text, "\r\n"), 0);
	all = answers_named(buf_span(&text), ids);
	buf_free(&text);
	return all;
}

static void what_is_over_the_limits_is_not_taken_for_nothing(void **state)
{
	static const struct {
		size_t n, len, want;
	} cases[] = {
		{ ANSWERS_IDS_MAX, 10, ANSWERS_IDS_MAX },
		{ ANSWERS_IDS_MAX + 1, 10, ANSWERS_IDS_MAX },
		{ 2, ANSWERS_ID_MAX, 2 },
		{ 2, ANSWERS_ID_MAX + 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct strs ids = { 0 };

		assert_int_equal(read_many(cases[i].n, cases[i].len, &ids),
				 cases[i].want == cases[i].n);
		assert_int_equal(ids.n, cases[i].want);
		strs_free(&ids);
	}
}

static void what_a_message_is_called_is_what_its_answers_name(void **state)
{
	static const char *const ids[] = { "<a@x>", "a@x", "<a\r\n b@x>", "(c) <a@x>", "<a b>" };

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++) {
		char *called = mem_printf("Message-ID: %s\r\nReferences: <r@x>\r\n", ids[i]);
		char *answer = mem_printf("In-Reply-To: %s\r\n", ids[i]);
		struct strs names = { 0 }, named = { 0 };

		assert_true(answers_called(span_str(called), &names));
		assert_true(answers_named(span_str(answer), &named));
		assert_int_equal(names.n, named.n);
		assert_true(names.n > 0);
		for (size_t k = 0; k < names.n; k++)
			assert_string_equal(names.at[k], named.at[k]);
		strs_free(&names);
		strs_free(&named);
		free(called);
		free(answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_found_however_it_is_written),
		cmocka_unit_test(a_nul_ends_an_id_and_hides_none),
		cmocka_unit_test(what_is_over_the_limits_is_not_taken_for_nothing),
		cmocka_unit_test(what_a_message_is_called_is_what_its_answers_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
