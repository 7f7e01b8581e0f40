#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <letterlock/glob.h>
#include <letterlock/mem.h>

#include "policy/rules/match_list.h"

/* The list is a faster way to ask each glob in turn, and nothing else. */
static void says_what_the_globs_say_one_by_one(void **state)
{
	static const char *const globs[] = {
		"a@x.org", "*@x.org", "*@X.ORG", "*", "?", "**@x.org", "*@", "*@x.*", "a*@x.org",
		"", "*@a@x.org", "A?@x.org", "@x.org", "[a]", "*@x", "ab@x.org", "*@*",
	};
	static const char *const values[] = {
		"a@x.org", "A@X.org", "b@x.org", "@x.org", "a@b@x.org", "a@a@x.org", "x.org", "a",
		"", "ab@x.org", "[a]", "[A]", "a@x", "\xc3\xbc@x.org", "a@x.orgx", "*@x.org",
	};

	(void)state;
	for (size_t g = 0; g < sizeof(globs) / sizeof(*globs); g++)
		for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++) {
			struct match_list list = { 0 };

			match_list_add(&list, span_str("nobody@none.example"));
			match_list_add(&list, span_str("*@none.example"));
			match_list_add(&list, span_str(globs[g]));
			match_list_seal(&list);
			assert_int_equal(match_list_has(&list, span_str(values[v])),
					 glob_match(span_str(globs[g]), span_str(values[v])));
			match_list_free(&list);
		}
}

static void an_empty_list_has_nothing(void **state)
{
	struct match_list list = { 0 };

	(void)state;
	match_list_seal(&list);
	assert_false(match_list_has(&list, span_str("")));
	assert_false(match_list_has(&list, span_str("a")));
	match_list_free(&list);
}

static void a_hundred_thousand_addresses_are_found(void **state)
{
	struct match_list list = { 0 };
	char text[40];

	(void)state;
	for (int i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "U%d@x%d.example", i * 7919 % 100003, i % 100);
		match_list_add(&list, span_str(text));
	}
	match_list_seal(&list);
	for (int i = 0; i < 100000; i++) {
		snprintf(text, sizeof(text), "u%d@X%d.example", i * 7919 % 100003, i % 100);
		assert_true(match_list_has(&list, span_str(text)));
		snprintf(text, sizeof(text), "v%d@x1.example", i);
		assert_false(match_list_has(&list, span_str(text)));
	}
	match_list_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_the_globs_say_one_by_one),
		cmocka_unit_test(an_empty_list_has_nothing),
		cmocka_unit_test(a_hundred_thousand_addresses_are_found),
	};

	return cmocka_run_group_tests_name("match_list", tests, NULL, NULL);
}
