#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/smtp_syntax.h"

static void a_command_is_a_verb_and_what_follows(void **state)
{
	static const char *const list[][3] = {
		{ "NOOP", "NOOP", "" }, { "NOOP ", "NOOP", "" },
		{ "MAIL FROM:<a> X", "MAIL", "FROM:<a> X" },
		{ "A  b \t", "A", "b" }, { "", "", "" }, { " X", "", "X" },
		{ "A\tb", "A\tb", "" },
	};
	struct span verb, arguments;

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		smtp_syntax_command(span_str(list[i][0]), &verb, &arguments);
		assert_true(span_is(verb, list[i][1]));
		assert_true(span_is(arguments, list[i][2]));
	}
}

static void a_path_ends_at_the_bracket_that_closes_it(void **state)
{
	static const struct {
		const char *text, *address, *rest;	/* NULL: it is none */
	} list[] = {
		{ "FROM:<a@b>", "a@b", "" },
		{ "from:<>", "", "" },
		{ "FROM: <a@b> SIZE=1", "a@b", " SIZE=1" },
		{ "FROM:<\"a>b\"@c> X", "\"a>b\"@c", " X" },
		{ "FROM:<\"a\\\">b\"@c>", "\"a\\\">b\"@c", "" },
		{ "FROM:<\"a\\\\\"@c>", "\"a\\\\\"@c", "" },
		{ "FROM:<@a,@b.c:d@e>", "d@e", "" },
		{ "FROM:<@a:\"x:y\"@e>", "\"x:y\"@e", "" },
		{ "FROM:<a@b", NULL, "" }, { "FROM:a@b>", NULL, "" },
		{ "FROM:<\"a>", NULL, "" }, { "FROM:<a@b>X", NULL, "" },
		{ "FROM:<@a>", NULL, "" }, { "FROM:<@a:>", NULL, "" },
		{ "FROM:<@a,b:c@d>", NULL, "" }, { "FROM:<@:c@d>", NULL, "" },
		{ "FROM:<@a\\:c@d>", NULL, "" }, { "FROM:", NULL, "" },
		{ "FROM", NULL, "" }, { "", NULL, "" }, { "TO:<a@b>", NULL, "" },
		{ "FROM :<a@b>", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		struct span rest = span_str(list[i].text), address;
		bool is = smtp_syntax_path(&rest, "FROM:", &address);

		assert_int_equal(is, list[i].address != NULL);
		assert_true(!is || span_is(address, list[i].address));
		assert_true(!is || span_is(rest, list[i].rest));
	}
}

static void xtext_stands_for_printable_text_alone(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} list[] = {
		{ "", true }, { "abc", true }, { "a+2Bb+3Dc+20", true },
		{ "12345678", true }, { "123456789", false },
		{ "+41+41+41+41+41+41+41+41", true },
		{ "+41+41+41+41+41+41+41+41+41", false },
		{ "a=b", false }, { "a b", false }, { "+", false }, { "+4", false },
		{ "+4g", false }, { "+2b", false }, { "+0D+0A", false },
		{ "+00", false }, { "+7F", false }, { "+80", false },
		{ "\x80", false }, { "\x7f", false }, { "a\tb", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++)
		assert_int_equal(smtp_syntax_xtext(span_str(list[i].text), 8),
				 list[i].good);
}

static void parameters_are_words_with_values(void **state)
{
	static const struct {
		const char *text;
		size_t n;	/* SIZE_MAX: they are none */
	} list[] = {
		{ "", 0 }, { "   ", 0 }, { " A", 1 }, { " A=1  B ", 2 },
		{ " A-1=<>+;/", 1 }, { " A=caf\xc3\xa9", 1 },
		{ " A=", SIZE_MAX }, { " =1", SIZE_MAX }, { " A=1=2", SIZE_MAX },
		{ " -A", SIZE_MAX }, { " A_B", SIZE_MAX }, { " A=\x01", SIZE_MAX },
		{ " A=\xff", SIZE_MAX }, { " A\t=1", SIZE_MAX },
		{ " A B C D E F G H I J K L M N O P", 16 },
		{ " A B C D E F G H I J K L M N O P Q", SIZE_MAX },
	};
	struct smtp_server_event event;

	(void)state;
	for (size_t i = 0; i < sizeof(list) / sizeof(*list); i++) {
		bool good = smtp_syntax_parameters(span_str(list[i].text), &event);

		assert_int_equal(good, list[i].n != SIZE_MAX);
		assert_true(!good || event.parameters_n == list[i].n);
	}
}

static void a_parameter_is_kept_raw_and_in_parts(void **state)
{
	struct smtp_server_event event;

	(void)state;
	assert_true(smtp_syntax_parameters(span_str(" Size=10 X"), &event));
	assert_true(span_is(event.parameters[0].raw, "Size=10"));
	assert_true(span_is(event.parameters[0].keyword, "Size"));
	assert_true(span_is(event.parameters[0].value, "10"));
	assert_true(span_is(event.parameters[1].raw, "X"));
	assert_int_equal(event.parameters[1].value.len, 0);
}

static void names_and_mechanisms_hold_nothing_to_quote(void **state)
{
	static const char *const names[] = { "a", "a.example", "[192.0.2.1]",
		"[IPv6:::1]", "MY_PC-2" };
	static const char *const none[] = { "", "a b", "a<b", "a\"b", "a(b", "a@b",
		"caf\xc3\xa9", "a\x01", "a;b" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_true(smtp_syntax_name(span_str(names[i])));
	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		assert_false(smtp_syntax_name(span_str(none[i])));
	assert_true(smtp_syntax_mechanism(span_str("SCRAM-SHA-256_X")));
	assert_true(smtp_syntax_mechanism(span_str("aaaaabbbbbcccccddddd")));
	assert_false(smtp_syntax_mechanism(span_str("aaaaabbbbbcccccdddddE")));
	assert_false(smtp_syntax_mechanism(span_str("")));
	assert_false(smtp_syntax_mechanism(span_str("PLAIN.")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_a_verb_and_what_follows),
		cmocka_unit_test(a_path_ends_at_the_bracket_that_closes_it),
		cmocka_unit_test(xtext_stands_for_printable_text_alone),
		cmocka_unit_test(parameters_are_words_with_values),
		cmocka_unit_test(a_parameter_is_kept_raw_and_in_parts),
		cmocka_unit_test(names_and_mechanisms_hold_nothing_to_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
