#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/utf8.h>

static void only_well_formed_characters_count(void **state)
{
	static const struct {
		const char *text;
		size_t len, printable;
	} cases[] = {
		{ "", 0, 0 }, { "a", 1, 1 }, { "\n", 1, 0 }, { "\x7f", 1, 0 },
		{ "\xc3\xa9", 2, 2 }, { "\xc3", 0, 0 }, { "\xc3x", 0, 0 }, { "\xa9", 0, 0 },
		{ "\xc0\xaf", 0, 0 }, { "\xc1\xbf", 0, 0 }, { "\xc2\x85", 2, 0 },
		{ "\xc2\xa0", 2, 2 }, { "\xe0\x9f\xbf", 0, 0 }, { "\xe0\xa0\x80", 3, 3 },
		{ "\xed\x9f\xbf", 3, 3 }, { "\xed\xa0\x80", 0, 0 }, { "\xe2\x80\xa8", 3, 0 },
		{ "\xe2\x80\xa9", 3, 0 }, { "\xe2\x82\xac", 3, 3 }, { "\xe2\x82", 0, 0 },
		{ "\xf0\x8f\xbf\xbf", 0, 0 }, { "\xf0\x9f\x98\x80", 4, 4 },
		{ "\xf4\x8f\xbf\xbf", 4, 4 }, { "\xf4\x90\x80\x80", 0, 0 },
		{ "\xf5\x80\x80\x80", 0, 0 }, { "\xff", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct span text = span_str(cases[i].text);

		assert_int_equal(utf8_char(text), cases[i].len);
		assert_int_equal(utf8_printable(text), cases[i].printable);
		assert_int_equal(utf8_valid(text), text.len == 0 || cases[i].len > 0);
	}
	assert_int_equal(utf8_char(span_of(NULL, 0)), 0);
	assert_true(utf8_valid(span_str("Gr\xc3\xbc\xc3\x9f" "e")));
	assert_false(utf8_valid(span_str("Gr\xfc\xdf" "e")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_well_formed_characters_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
