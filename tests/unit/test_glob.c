#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/glob.h>

struct glob_case {
	const char *pattern;
	const char *value;
	bool match;
	const char *stripped;	/* NULL: as the value */
};

static const struct glob_case cases[] = {
	{ "", "", true, NULL },
	{ "", "a", false, NULL },
	{ "*", "", true, NULL },
	{ "*", "anything at all", true, NULL },
	{ "**?*", "x", true, NULL },
	{ "?", "", false, NULL },
	{ "abc", "ABC", true, "" },
	{ "abc", "abcd", false, NULL },
	{ "*@partner.example", "Joe@PARTNER.example", true, "Joe" },
	{ "*@partner.example", "joe@partner.example.evil", false, NULL },
	{ "*@partner.example", "joe@xpartner.example", false, NULL },
	{ "[secure]*", "[Secure] Hi", true, "Hi" },
	{ "[secure]*", "s Hi", false, NULL },
	{ "*[secure]*", "Hello [secure] world", true, "Hello world" },
	{ "*[secure]*", "a[secure]b", true, "ab" },
	{ "*[secure]", "Hello   [secure]", true, "Hello" },
	{ "*a*b*", "xaxbx", true, "xxx" },
	{ "*ab", "aab", true, "a" },
	{ "*aab", "aaab", true, "a" },
	{ "a?c*", "abc  d", true, "b d" },
	{ "*  two  spaces", "keep  these  two  spaces", true, "keep  these" },
	{ "tag*", "tag  x   y", true, "x   y" },
	{ "?", "\xc3\xa9", true, NULL },
	{ "??", "\xc3\xa9", false, NULL },
	{ "*???", "\xe2\x82\xac", false, NULL },
	{ "*???", "x\xe2\x82\xacy", true, NULL },
	{ "??", "\xc3\xc3", true, NULL },
	{ "a*\\*", "a\\", true, "" },
	{ "[a-z]", "b", false, NULL },
};

static void globs_match_the_whole_value_and_strip_what_they_spell(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct glob_case *c = &cases[i];
		char *stripped = glob_strip(span_str(c->pattern), span_str(c->value));

		if (glob_match(span_str(c->pattern), span_str(c->value)) != c->match)
			fail_msg("\"%s\" against \"%s\"", c->pattern, c->value);
		assert_string_equal(stripped, c->stripped ? c->stripped : c->value);
		free(stripped);
	}
}

static void hostile_patterns_cost_no_more_than_their_product(void **state)
{
	char pattern[1001], value[20001];

	(void)state;
	for (size_t i = 0; i < 1000; i++)
		pattern[i] = i % 2 ? 'a' : '*';
	memset(value, 'a', 20000);
	value[20000] = 'b';
	assert_false(glob_match(span_of(pattern, 1000), span_of(value, 20001)));
	assert_true(glob_match(span_of(pattern, 999), span_of(value, 20001)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_the_whole_value_and_strip_what_they_spell),
		cmocka_unit_test(hostile_patterns_cost_no_more_than_their_product),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
