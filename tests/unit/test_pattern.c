#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/rules/pattern.h"

static enum pattern_result look(const char *pattern_text, struct span text)
{
	struct err err = { 0 };
	struct pattern *pattern = pattern_new(span_str(pattern_text), &err);
	enum pattern_result result;

	assert_non_null(pattern);
	result = pattern_look(pattern, text);
	pattern_free(pattern);
	return result;
}

static void finds_what_pcre2_finds(void **state)
{
	static const struct {
		const char *pattern, *text;
		enum pattern_result want;
	} cases[] = {
		{ "b", "abc", PATTERN_FOUND }, { "^b", "abc", PATTERN_NO },
		{ "B", "abc", PATTERN_NO }, { "(?i)B", "abc", PATTERN_FOUND },
		{ "", "", PATTERN_FOUND }, { "x", "", PATTERN_NO },
		{ "^.$", "\xc3\xbc", PATTERN_FOUND },
		{ "\\w{2}", "\xc3\xbc\xc3\xb6", PATTERN_FOUND },
		{ "(?i)\xc3\x9c", "\xc3\xbc", PATTERN_FOUND },
		{ "(\\d)\\1", "122", PATTERN_FOUND }, { "(?<=a)b(?!c)", "abd", PATTERN_FOUND },
		{ "secret", "\xff\xfe secret", PATTERN_FOUND }, { ".", "\xff", PATTERN_NO },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(look(cases[i].pattern, span_str(cases[i].text)),
				 cases[i].want);
}

static void a_nul_does_not_end_the_text(void **state)
{
	(void)state;
	assert_int_equal(look("secret", span_of("a\0secret", 8)), PATTERN_FOUND);
	assert_int_equal(look("x", span_of(NULL, 0)), PATTERN_NO);
}

static void what_is_no_pattern_says_where(void **state)
{
	struct err err = { 0 };

	(void)state;
	assert_null(pattern_new(span_str("a(b"), &err));
	assert_int_equal(err.kind, ERR_CONF);
	assert_string_equal(err.text, "missing closing parenthesis at byte 4");
	assert_null(pattern_new(span_str("[b-a]"), &err));
	assert_null(pattern_new(span_str("\xff"), &err));
	pattern_free(NULL);
}

/* Patterns and texts that take a backtracking matcher exponential, cubic and
 * quadratic time: each look ends after a bounded number of steps. */
static void no_text_makes_it_run_for_long(void **state)
{
	static const struct {
		const char *pattern, *unit;
	} cases[] = {
		{ "^(a+)+$x", "a" }, { "(a|aa)+$x", "a" }, { "(a*)*b", "a" },
		{ "a.*b.*c.*d.*[ef]", "abc" }, { "\\w*[#%]", "a" }, { "(?s).*.*.*[#%]", "a" },
		{ "(x+x+)+y", "x" }, { "(\\w+\\s*)+:[;]", "a b " },
	};
	size_t len = 1000000;
	char *text = mem_new(len);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		clock_t start = clock();

		for (size_t k = 0; k < len; k++)
			text[k] = cases[i].unit[k % strlen(cases[i].unit)];
		assert_int_not_equal(look(cases[i].pattern, span_of(text, len)), PATTERN_FOUND);
		/* generous: sanitizers and a busy machine */
		assert_true((clock() - start) / CLOCKS_PER_SEC < 20);
	}
	free(text);
}

static void a_long_harmless_text_is_read_to_its_end(void **state)
{
	size_t len = 4000000;
	char *text = mem_new(len);

	(void)state;
	for (size_t i = 0; i < len; i++)
		text[i] = "the quick brown 1234 5678 fox jumps\r\n"[i % 37];
	assert_int_equal(look("\\b\\d{4}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}\\b", span_of(text, len)),
			 PATTERN_NO);
	memcpy(text + len - 21, " 1234 5678 1234 5678 ", 21);
	assert_int_equal(look("\\b\\d{4}[ -]?\\d{4}[ -]?\\d{4}[ -]?\\d{4}\\b", span_of(text, len)),
			 PATTERN_FOUND);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_pcre2_finds),
		cmocka_unit_test(a_nul_does_not_end_the_text),
		cmocka_unit_test(what_is_no_pattern_says_where),
		cmocka_unit_test(no_text_makes_it_run_for_long),
		cmocka_unit_test(a_long_harmless_text_is_read_to_its_end),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
