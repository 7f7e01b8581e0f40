#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "policy/job/embedded.h"

static void files_among_the_lines_of_a_text_are_seen(void **state)
{
	static const struct {
		const char *text;
		bool found;
		const char *name;	/* NULL: it is not said */
	} cases[] = {
		{ "", false, NULL },
		{ "Let us begin 644 words\r\n", false, NULL },
		{ "begin at once\r\nbegin 12\r\n", false, NULL },
		{ "begin 644 a b.pdf\r\n#0V%T\r\n`\r\nend\r\n", true, "a b.pdf" },
		{ "x\r\nbegin 0755 a.exe\r\n", true, "a.exe" },
		{ "x\nbegin 644 a.exe", true, "a.exe" },
		{ "begin-base64 644 a.exe\r\n", true, "a.exe" },
		{ "begin 64 a\r\nbegin 00644 a\r\nbegin 648 a\r\nbegin 644 \r\n", false, NULL },
		{ "=ybegin line=128 size=3 name=a b.pdf \r\n", true, "a b.pdf" },
		{ "=ybegin part=1 line=128\r\n", true, NULL },
		{ "=ypart begin=1\r\n", false, NULL },
		{ "(This file must be converted with BinHex 4.0)\r\n:#Q\r\n", true, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct strs names = { 0 };
		bool found = embedded_find(span_str(cases[i].text), &names);

		if (found != cases[i].found || names.n != (cases[i].name ? 1 : 0))
			fail_msg("%s", cases[i].text);
		if (cases[i].name)
			assert_string_equal(names.at[0], cases[i].name);
		strs_free(&names);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_among_the_lines_of_a_text_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
