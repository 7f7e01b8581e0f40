#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/charset.h>

static void names_are_what_iconv_should_be_asked_for(void **state)
{
	static const struct {
		const char *name, *want;
	} cases[] = {
		{ "utf-8", "utf-8" }, { "US-ASCII", "UTF-8" }, { "Shift_JIS", "CP932" },
		{ "iso-8859-1", "WINDOWS-1252" }, { "x-any:(1).+", "x-any:(1).+" },
		{ "", NULL }, { "utf-8//TRANSLIT", NULL }, { "../x", NULL }, { "a b", NULL },
		{ "a,b", NULL }, { "\xc3\xa9", NULL },
		{ "a12345678901234567890123456789012345678", /* 39 octets */
		  "a12345678901234567890123456789012345678" },
		{ "a123456789012345678901234567890123456789", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char known[CHARSET_NAME_SIZE];
		const char *got = charset_find(span_str(cases[i].name), known);

		if (!cases[i].want || !got)
			assert_true(!cases[i].want && !got);
		else
			assert_string_equal(got, cases[i].want);
	}
	assert_null(charset_find(span_of("a\0b", 3), (char[CHARSET_NAME_SIZE]){ 0 }));
}

/* Those that mail is written in: as many clients know them as know ASCII. */
static void charsets_of_mail_keep_ascii(void **state)
{
	static const char *const kept[] = {
		"UTF-8", "WINDOWS-1252", "iso-8859-2", "iso-8859-15", "windows-1251", "koi8-r",
		"GB18030", "CP949", "CP932", "BIG5-HKSCS", "euc-jp", "iso-2022-jp", "iso-2022-kr",
		"tis-620", "macintosh", "cp850", "viscii",
	};
	static const char *const not_kept[] = {
		"utf-16", "utf-16le", "utf-16be", "utf-32", "ucs-2", "utf-7", "hz", "ibm037",
		"cp500", "ibm1047", "iso646-de", "johab", "greek7", "x-nobody-knows",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (!charset_keeps_ascii(kept[i]))
			fail_msg("%s does not keep ASCII", kept[i]);
	for (size_t i = 0; i < sizeof(not_kept) / sizeof(*not_kept); i++)
		if (charset_keeps_ascii(not_kept[i]))
			fail_msg("%s keeps ASCII", not_kept[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_what_iconv_should_be_asked_for),
		cmocka_unit_test(charsets_of_mail_keep_ascii),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
