#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/rules/idn.h"

static void a_labels_become_the_letters_they_stand_for(void **state)
{
	static const struct {
		const char *address, *want;
	} cases[] = {
		{ "a@xn--bcher-kva.example", "a@b\xc3\xbc" "cher.example" },
		{ "xn--bcher-kva", "b\xc3\xbc" "cher" },
		{ "*@*.xn--mnchen-3ya.de", "*@*.m\xc3\xbcnchen.de" },
		{ "a@XN--MNCHEN-3YA.de", "a@M\xc3\xbcNCHEN.de" },
		{ "a@xn--80ak6aa92e.com",	/* RFC 3492: no basic letters */
		  "a@\xd0\xb0\xd1\x80\xd1\x80\xd3\x8f\xd0\xb5.com" },
		{ "a@xn--fiqs8s", "a@\xe4\xb8\xad\xe5\x9b\xbd" },
		{ "a@xn--ls8h.la", "a@\xf0\x9f\x92\xa9.la" },
		{ "xn--bcher-kva@xn--bcher-kva.de", "xn--bcher-kva@b\xc3\xbc" "cher.de" },
		/* RFC 3492 7.1 (A), Arabic (Egyptian) */
		{ "xn--egbpdaj6bu4bxfgehfvwxn",
		  "\xd9\x84\xd9\x8a\xd9\x87\xd9\x85\xd8\xa7\xd8\xa8\xd8\xaa\xd9\x83\xd9\x84\xd9"
		  "\x85\xd9\x88\xd8\xb4\xd8\xb9\xd8\xb1\xd8\xa8\xd9\x8a\xd8\x9f" },
		/* 7.1 (L), "3 nen B gumi kinpachi sensei" */
		{ "xn--3B-ww4c5e180e575a65lsy2b",
		  "3\xe5\xb9\xb4" "B\xe7\xb5\x84\xe9\x87\x91\xe5\x85\xab\xe5\x85\x88\xe7\x94\x9f" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = idn_letters(span_str(cases[i].address));

		assert_non_null(got);
		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

static void what_is_no_a_label_stays(void **state)
{
	static const char *const addresses[] = {
		"", "a@b", "a@example.org", "a@xn--", "a@xn--*", "a@xn--b?cher-kva.de",
		"a@xn--99999999", "a@xn--bcher-kv!", "a@xn--\xc3\xbc-kva", "a@xn-bcher-kva",
		"xn--bcher-kva@example.org", "a@.", "a@..x",
		"a@xn--aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-kva",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(*addresses); i++)
		assert_null(idn_letters(span_str(addresses[i])));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_labels_become_the_letters_they_stand_for),
		cmocka_unit_test(what_is_no_a_label_stays),
	};

	return cmocka_run_group_tests_name("idn", tests, NULL, NULL);
}
