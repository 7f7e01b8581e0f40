#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/job/shown_text.h"

static void a_text_is_as_its_reader_is_shown_it(void **state)
{
	static const struct {
		enum shown_text_kind kind;
		const char *text, *shown;
	} cases[] = {
		{ SHOWN_PLAIN, "", "" },
		{ SHOWN_PLAIN, "a <b> &amp; \r\nc", "a <b> &amp; \r\nc" },
		{ SHOWN_PLAIN, "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x94\x92",
		  "Gr\xc3\xbc\xc3\x9f" "e \xe2\x82\xac \xf0\x9f\x94\x92" },
		/* soft hyphen, zero width space, no-break space */
		{ SHOWN_PLAIN, "a\xc2\xad" "b\xe2\x80\x8b" "c\xc2\xa0" "d", "abc d" },
		{ SHOWN_PLAIN, "a\xff" "b", "a b" },
		{ SHOWN_FLOWED, "top \r\nsecret\r\nx", "top secret\r\nx" },
		{ SHOWN_FLOWED, "top \nsecret  \r\n", "top secret  " },
		{ SHOWN_FLOWED_DELSP, "confi \r\ndential \r", "confidential \r" },
		{ SHOWN_HTML, "conf<b></b>idential", "confidential" },
		{ SHOWN_HTML, "conf<WBR/>idential<!-- > -->s", "confidentials" },
		{ SHOWN_HTML, "a<br>b<td>c</td >d</p\n>", "a\nb\nc\nd\n" },
		{ SHOWN_HTML, "1234&nbsp;5678&#160;9&#xA0;0&NBSP;", "1234 5678 9 0&NBSP;" },
		{ SHOWN_HTML, "&#99;o&#x6e;f&#105dential&shy;s", "confidentials" },
		{ SHOWN_HTML, "&lt;b&gt; &amp;amp; &commat &nothing; & &; &# &#x; &#xg",
		  "<b> &amp; @ &nothing; & &; &# &#x; &#xg" },
		{ SHOWN_HTML, "&#8364;&#x1f512;&#0;&#xd800;&#99999999999;",
		  "\xe2\x82\xac\xf0\x9f\x94\x92   " },
		{ SHOWN_HTML, "a < b <3 <", "a < b <3 <" },
		{ SHOWN_HTML, "x<a title=\"1 > 0\" href = '>'>y</a>z", "xyz" },
		/* a quote is one behind a `=` alone */
		{ SHOWN_HTML, "<b '>conf<b>idential<b '>", "confidential" },
		{ SHOWN_HTML, "x<a", "x" }, { SHOWN_HTML, "x<!-- y", "x" },
		{ SHOWN_HTML, "x<!-->y", "xy" }, { SHOWN_HTML, "x<?php y ?>z", "x\nz" },
		{ SHOWN_HTML, "Gr&#xfc;\xc3\x9f" "e", "Gr\xc3\xbc\xc3\x9f" "e" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buf out;
		char *got;

		buf_init(&out, strlen(cases[i].text) + 1);
		assert_int_equal(shown_text_put(span_str(cases[i].text), cases[i].kind, &out), 0);
		got = buf_take_string(&out);
		if (strcmp(got, cases[i].shown) != 0)
			fail_msg("\"%s\" gave \"%s\"", cases[i].text, got);
		free(got);
	}
}

static void without_room_it_fails(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 2);
	assert_int_equal(shown_text_put(span_str("abc"), SHOWN_PLAIN, &out), -1);
	buf_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_as_its_reader_is_shown_it),
		cmocka_unit_test(without_room_it_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
