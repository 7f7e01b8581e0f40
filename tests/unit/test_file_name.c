#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/job/content_type.h"
#include "policy/job/file_name.h"

/* Names, each with a `|` behind it; "?" in front when not all could be read. */
static char *names_in(const char *body)
{
	struct strs names = { 0 };
	struct content_type type;
	bool exact;
	char *all;

	assert_int_equal(content_type_parse(span_str(body), false, &type), 0);
	exact = file_name_read(&type, "filename", &names);
	all = mem_strdup(exact ? "" : "?");
	for (size_t i = 0; i < names.n; i++) {
		char *more = mem_printf("%s%s|", all, names.at[i]);

		free(all);
		all = more;
	}
	strs_free(&names);
	content_type_free(&type);
	return all;
}

static void a_name_is_found_in_each_form_that_clients_read(void **state)
{
	static const struct {
		const char *body, *names;
	} cases[] = {
		{ "attachment", "" },
		{ "attachment; name=a", "" },
		{ "attachment; filename=a.pdf", "a.pdf|" },
		{ "attachment; filename=\"\"", "" },
		{ "attachment; FileName=\"a b.pdf\"", "a b.pdf|a|" },
		{ "attachment; filename=a b.pdf", "a b.pdf|a|" },
		{ "attachment; filename=a; filename=b", "a|b|" },
		{ "attachment; filename=\"=?utf-8?q?=E2=82=AC.pdf?=\"", "\xe2\x82\xac.pdf|" },
		{ "attachment; filename=\"a.pdf. .\"", "a.pdf. .|a.pdf|a.pdf.|" },
		/* RFC 2231 */
		{ "attachment; filename*=utf-8''a%2Epdf", "a.pdf|" },
		{ "attachment; filename*=utf-8'en'%e2%82%AC.pdf", "\xe2\x82\xac.pdf|" },
		{ "attachment; filename*=iso-8859-1''%FC", "\xc3\xbc|" },
		{ "attachment; filename*=''a.pdf", "a.pdf|" },
		{ "attachment; filename*=a.pdf", "a.pdf|" },
		{ "attachment; filename*0=a.p; filename*1=df", "a.pdf|" },
		{ "attachment; filename*1=df; filename*0=a.p", "a.pdf|" },
		{ "attachment; filename*0*=utf-8''%c3; filename*1*=%bc; filename*2=%41",
		  "\xc3\xbc%41|" },
		{ "attachment; filename*0=\"a'b'c\"; filename*1*=%41", "a'b'cA|" },
		/* both: which one is shown differs */
		{ "attachment; filename=a.txt; filename*=utf-8''a%2Epdf", "a.txt|a.pdf|" },
		{ "attachment; filename*=utf-8''a%2Epdf; filename=a.txt", "a.txt|a.pdf|" },
		/* what one reader or the other sees differently */
		{ "attachment; filename*0=a; filename*2=b", "?" },
		{ "attachment; filename*=a; filename*=b", "?" },
		{ "attachment; filename*x=a", "?" },
		{ "attachment; filename*=utf-16be''%00a", "?a|" },
		{ "attachment; filename*=x-nobody-knows''a", "?a|" },
		{ "attachment; filename=\"=?ibm037?q?=81?=\"", "?a|" },
		{ "attachment filename=a.pdf", "?" },
		{ "attachment, filename=a.pdf", "?" },
		{ "attachment; \"filename\"=a.pdf", "?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = names_in(cases[i].body);

		if (strcmp(got, cases[i].names) != 0)
			fail_msg("%s gave %s", cases[i].body, got);
		free(got);
	}
}

static void a_name_in_many_pieces_has_a_limit(void **state)
{
	static char long_one[FILE_NAME_MAX], body[2 * FILE_NAME_MAX + 100];
	char *got;

	(void)state;
	memset(long_one, 'x', sizeof(long_one) - 1);
	(void)snprintf(body, sizeof(body), "attachment; filename*0=%s; filename*1=%s", long_one,
		       long_one);
	got = names_in(body);
	assert_true(got[0] == '?');
	free(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_found_in_each_form_that_clients_read),
		cmocka_unit_test(a_name_in_many_pieces_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
