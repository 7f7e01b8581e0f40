#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "policy/job/open_clear.h"

static void what_pretends_to_be_ours_goes(void **state)
{
	static const struct {
		const char *message, *want;	/* NULL: as it is */
	} cases[] = {
		{ "", NULL },
		{ "Subject: x\r\n\r\nX-Letterlock: in the text\r\n", NULL },
		{ "\r\nX-Letterlock: in the text\r\n", NULL },
		{ "X-Letterlocks: x\r\nAuthentication-Results: mx.other; spf=pass\r\n\r\n", NULL },
		{ "X-Letterlock: decrypted\r\nA: b\r\n\r\nc", "A: b\r\n\r\nc" },
		{ "A: b\r\nx-letterLOCK : decrypted", "A: b\r\n" },
		{ "no field\r\nX-Letterlock: decrypted\r\n\r\nc", "no field\r\n\r\nc" },
		{ "A: b\rX-Letterlock: decrypted\r\n\r\nc", "A: b\r\r\nc" },
		{ "A: b\nX-Letterlock: decrypted\n\nc", "A: b\n\nc" },
		{ "A: b\r\n\r\r\nX-Letterlock: decrypted\r\n\r\nc", "A: b\r\n\r\r\n\r\nc" },
		{ "\rX-Letterlock: decrypted\r\n\r\nc", "\r\r\nc" },
		{ "Authentication-Results: gw.example.org; openpgp=pass\r\nA: b\r\n\r\n",
		  "A: b\r\n\r\n" },
		{ "Authentication-Results:\r\n gw.example.org\r\n ; x=pass\r\nA: b\r\n\r\n",
		  "A: b\r\n\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *want = cases[i].want ? cases[i].want : cases[i].message;
		struct buf out;

		buf_init(&out, 1000);
		assert_int_equal(open_clear_bears_verdict(span_str(cases[i].message),
							  "gw.example.org"),
				 cases[i].want != NULL);
		assert_int_equal(open_clear_put(span_str(cases[i].message), "gw.example.org",
						&out), 0);
		assert_true(span_is(buf_span(&out), want));
		assert_false(open_clear_bears_verdict(buf_span(&out), "gw.example.org"));
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_pretends_to_be_ours_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
