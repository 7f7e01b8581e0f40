#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/job/content_type.h"

struct type_case {
	const char *body;
	const char *value;		/* NULL: not by the grammar */
	const char *name, *param;	/* a parameter, and what it is */
};

static const struct type_case cases[] = {
	{ " text/plain", "text/plain", "charset", NULL },
	{ " Text/PLAIN; Charset=UTF-8", "text/plain", "charset", "UTF-8" },
	{ " multipart/mixed; boundary=\"a b\"", "multipart/mixed", "boundary", "a b" },
	{ " multipart/mixed; boundary=\"a \\\"b\\\\\"", "multipart/mixed", "boundary",
	  "a \"b\\" },
	{ " multipart/mixed;\r\n\tboundary=\"a\r\n b\"", "multipart/mixed", "boundary", "a b" },
	{ " multipart/mixed; boundary=----=_Part_1.2;", "multipart/mixed", "boundary",
	  "----=_Part_1.2" },
	{ " text/plain (a (nested) comment); (x) charset (y) = (z) utf-8 (end)", "text/plain",
	  "charset", "utf-8" },
	{ " text/plain; ; charset=a; charset=b", "text/plain", "charset", "a" },
	{ " text/plain; name=\"\"", "text/plain", "name", "" },
	{ "", NULL, NULL, NULL },
	{ " text", NULL, NULL, NULL },
	{ " text/", NULL, NULL, NULL },
	{ " text/pl\xe4in", NULL, NULL, NULL },
	{ " text/plain; name=b\xe4r.txt", "text/plain", "name", "b\xe4r.txt" },
	{ " text/plain (open", NULL, NULL, NULL },
	/* GMime 3.2.13 loops on such when it writes them */
	{ " text/plain; aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\xff",
	  NULL, NULL, NULL },
};

static void types_and_parameters_are_read_by_the_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct type_case *c = &cases[i];
		struct content_type type;
		const char *param;

		if (content_type_parse(span_str(c->body), true, &type) < 0) {
			if (c->value)
				fail_msg("\"%s\" was not read", c->body);
			assert_null(type.value);
			continue;
		}
		if (!c->value)
			fail_msg("\"%s\" was read", c->body);
		assert_string_equal(type.value, c->value);
		param = content_type_param(&type, c->name);
		if (!c->param)
			assert_null(param);
		else
			assert_string_equal(param, c->param);
		content_type_free(&type);
	}
}

static void what_sloppy_clients_write_is_read_and_told(void **state)
{
	static const struct type_case odd[] = {
		{ " text/plain charset=utf-8", "text/plain", "charset", NULL },
		{ " text/plain charset=utf-8; name=x", "text/plain", "name", "x" },
		{ " text/plain; ch\xe4rset=x; name=x", "text/plain", "name", "x" },
		{ " text/plain; charset", "text/plain", "charset", NULL },
		{ " text/plain; charset=", "text/plain", "charset", "" },
		{ " text/plain; =utf-8; name=x", "text/plain", "name", "x" },
		{ " a/b; name=two words.pdf; x=y", "a/b", "name", "two words.pdf" },
		{ " a/b; name=two words.pdf ", "a/b", "name", "two words.pdf" },
		{ " a/b; name=\"quoted\" more; x=y", "a/b", "x", "y" },
		{ " multipart/mixed; boundary=abc; foo", "multipart/mixed", "boundary", "abc" },
		{ " a/b; x \"; y=z\"; name=n", "a/b", "name", "n" },
		{ " a/b; name=\"open; x=y", "a/b", "name", "open; x=y" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		struct content_type type;
		const char *param;

		if (content_type_parse(span_str(odd[i].body), true, &type) < 0)
			fail_msg("\"%s\" was not read", odd[i].body);
		assert_true(type.odd);
		assert_string_equal(type.value, odd[i].value);
		param = content_type_param(&type, odd[i].name);
		if ((param != NULL) != (odd[i].param != NULL) ||
		    (param && strcmp(param, odd[i].param) != 0))
			fail_msg("\"%s\": \"%s\"", odd[i].body, param ? param : "none");
		content_type_free(&type);
	}
}

static void a_parameter_that_comes_twice_is_told(void **state)
{
	struct content_type type;

	(void)state;
	assert_int_equal(content_type_parse(span_str("a/b; x=1; X=2"), true, &type), 0);
	assert_true(type.twice);
	content_type_free(&type);
	assert_int_equal(content_type_parse(span_str("a/b; x=1; y=2"), true, &type), 0);
	assert_false(type.twice);
	content_type_free(&type);
}

static void parameters_are_bounded(void **state)
{
	struct content_type type;
	struct buf many;

	(void)state;
	buf_init(&many, 1 << 20);
	buf_puts(&many, "text/plain");
	for (int i = 0; i < 10000; i++)
		buf_printf(&many, "; name*%d=x", i);
	assert_int_equal(content_type_parse(buf_span(&many), true, &type), -1);
	buf_free(&many);
}

static void with(const char *body, const char *want)
{
	struct content_type type;
	struct buf out;
	char *got;

	buf_init(&out, 1000);
	assert_int_equal(content_type_parse(span_str(body), true, &type), 0);
	assert_int_equal(content_type_put_with(&type, span_str(body), "hp", "cipher", &out), 0);
	got = buf_take_string(&out);
	assert_string_equal(got, want);
	content_type_free(&type);
	/* it reads back, once */
	assert_int_equal(content_type_parse(span_str(got), true, &type), 0);
	assert_string_equal(content_type_param(&type, "hp"), "cipher");
	assert_false(type.twice);
	content_type_free(&type);
	free(got);
}

static void a_parameter_is_put_at_the_end_and_all_else_stays(void **state)
{
	(void)state;
	with(" text/plain", " text/plain;\r\n\thp=\"cipher\"");
	with(" text/plain; charset=utf-8;  ", " text/plain; charset=utf-8;\r\n\thp=\"cipher\"");
	with(" text/plain; hp=clear; charset=x", " text/plain; charset=x;\r\n\thp=\"cipher\"");
	with(" a/b; HP=\"x\"; b=c; hp=y;", " a/b; b=c;\r\n\thp=\"cipher\"");
	with(" a/b; name=two words", " a/b; name=two words;\r\n\thp=\"cipher\"");
	with(" a/b; name=\"open; x=y", " a/b; name=\"open; x=y\";\r\n\thp=\"cipher\"");
	/* a comment goes with its parameter: its quote would begin a string behind `b` */
	with(" a/b stray; hp=x (\"y)", " a/b stray;\r\n\thp=\"cipher\"");
	with(" a/b (x); c=\"d;e\" (y)", " a/b (x); c=\"d;e\" (y);\r\n\thp=\"cipher\"");
}

static void ascii(const char *body, const char *want)
{
	struct content_type type;
	struct buf out;
	char *got;

	buf_init(&out, 1000);
	assert_int_equal(content_type_parse(span_str(body), false, &type), 0);
	assert_int_equal(content_type_put_ascii(&type, span_str(body), &out), 0);
	got = buf_take_string(&out);
	assert_string_equal(got, want);
	content_type_free(&type);
	free(got);
}

static void eight_bit_parameters_are_written_by_rfc_2231(void **state)
{
	(void)state;
	ascii("attachment; filename=a.txt", "attachment; filename=a.txt");
	ascii("attachment; filename=\"\xc3\xbc b.txt\"; size=3",
	      "attachment;\r\n\tfilename*=utf-8''%C3%BC%20b.txt; size=3");
	ascii("attachment; filename=\"\xfc.txt\"",
	      "attachment;\r\n\tfilename*=iso-8859-1''%FC.txt");
	ascii("inline (\xc3\xbc)", "inline (?\?)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_and_parameters_are_read_by_the_grammar),
		cmocka_unit_test(what_sloppy_clients_write_is_read_and_told),
		cmocka_unit_test(a_parameter_that_comes_twice_is_told),
		cmocka_unit_test(parameters_are_bounded),
		cmocka_unit_test(a_parameter_is_put_at_the_end_and_all_else_stays),
		cmocka_unit_test(eight_bit_parameters_are_written_by_rfc_2231),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
