#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "policy/rules/ini_source.h"
#include "tests/unit/memory_source.h"

/* Sections and entries as text: "[name]@line key@line=value|". */
static char *shape(const struct ini_file *file)
{
	char *text = mem_strdup("");

	for (size_t i = 0; i < file->n; i++) {
		const struct ini_section *section = &file->sections[i];
		char *longer = mem_printf("%s[%s]@%u ", text, section->name, section->line);

		free(text);
		text = longer;
		for (size_t k = 0; k < section->n; k++) {
			const struct ini_entry *entry = &section->entries[k];

			longer = mem_printf("%s%s@%u=%s|", text, entry->name, entry->line,
					    entry->value);
			free(text);
			text = longer;
		}
	}
	return text;
}

static void check(struct span text, const char *want_shape, const char *want_problems)
{
	struct ini_file file = { 0 };
	struct problems problems = { 0 };
	char *got, *told;

	ini_source_read(text, "f", &file, &problems);
	got = shape(&file);
	told = problems_text(&problems);
	assert_string_equal(got, want_shape);
	assert_string_equal(told, want_problems);
	ini_source_free(&file);
	free(got);
	free(told);
}

static void sections_and_entries_come_with_their_lines(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "\n\n; x\n# y\n  ; z\n", "" },
		{ "[a]\n", "[a]@1 " },
		{ "[a]", "[a]@1 " },
		{ "[a]\n[b]\n\n[c]\n", "[a]@1 [b]@2 [c]@4 " },
		{ "[a]\nk = v\n", "[a]@1 k@2=v|" },
		{ "[a]\nk = v", "[a]@1 k@2=v|" },
		{ "[a]\r\nk = v\r\n\r\nl=w\r\n", "[a]@1 k@2=v|l@4=w|" },
		{ "[a]\nk=v\nk=w\n", "[a]@1 k@2=v|k@3=w|" },
		{ "[a]\n\nk =\n", "[a]@1 k@3=|" },
		{ "[a]\nk = ; only a comment\n", "[a]@1 k@2=|" },
		{ "[a]\nk = v ; comment\n", "[a]@1 k@2=v|" },
		{ "[a]\nk = v\t;comment\n", "[a]@1 k@2=v|" },
		{ "[a]\nk = v;w ; x\n", "[a]@1 k@2=v;w|" },
		{ "[a]\nk = ;v\n", "[a]@1 k@2=|" },
		{ "[a]\nk =;v\n", "[a]@1 k@2=;v|" },
		{ "[a]\nk = v # w\n", "[a]@1 k@2=v # w|" },
		{ "[a]\nk = a = b : c\n", "[a]@1 k@2=a = b : c|" },
		{ "[a]\nk = [secure]*\n", "[a]@1 k@2=[secure]*|" },
		{ "[a] ; comment\nk=v\n", "[a]@1 k@2=v|" },
		{ "[a]   \t\n[b] # x\n", "[a]@1 [b]@2 " },
		{ "[ a  b\tc ]\nk=v\n", "[a b c]@1 k@2=v|" },
		{ "\xef\xbb\xbf[a]\nk=v\n", "[a]@1 k@2=v|" },
		{ "[a]\nk = \"q\"\n", "[a]@1 k@2=\"q\"|" },
		{ "[a]\nk = \xc3\xbc\n", "[a]@1 k@2=\xc3\xbc|" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(span_str(cases[i].text), cases[i].want, "");
}

static void what_inih_would_skip_or_join_is_a_problem(void **state)
{
	static const struct {
		const char *text, *shape, *problems;
	} cases[] = {
		{ "k = v\n", "", "f:1: k stands before any section; write the heading of its "
		  "section, in brackets, above it\n" },
		{ "[a]\nk\n", "[a]@1 ", "f:2: neither a heading nor an entry; write "
		  "KEY = VALUE\n" },
		{ "[a]\n= v\n", "[a]@1 ", "f:2: neither a heading nor an entry; write "
		  "KEY = VALUE\n" },
		{ "[a]\nk: v\nl = w\n", "[a]@1 l@3=w|", "f:2: neither a heading nor an entry; "
		  "write KEY = VALUE\n" },
		{ "[a]\nk: v = w\n", "[a]@1 ", "f:2: no key has such a name; write "
		  "KEY = VALUE\n" },
		{ "[a\nk = v\n", "", "f:1: a section heading without its `]`; write [NAME]\n" },
		{ "[]\nk = v\n", "", "f:1: a section name has 1 to 49 bytes; write a shorter "
		  "one\n" },
		{ "[a] k = v\nl = w\n[b]\n", "[b]@3 ", "f:1: text behind `]`; write it on a line "
		  "of its own\n" },
		{ "[a]\nto = x\n  encrypt = require\n", "[a]@1 to@2=x|",
		  "f:3: an indented line; begin it in the first column, and give a key again to "
		  "go on with its list\n" },
		{ "[a]\n [b]\n", "[a]@1 ", "f:2: an indented line; begin it in the first column, "
		  "and give a key again to go on with its list\n" },
		{ "[a]\nk=v\n\n[b]\n[a]\nk=w\n", "[a]@1 k@2=v|[b]@4 [a]@5 k@6=w|",
		  "f:5: section [a] stands on line 1 already; write all its keys there, or give "
		  "this one another name\n" },
		{ "[a  b]\n[a b]\n", "[a b]@1 [a b]@2 ", "f:2: section [a b] stands on line 1 "
		  "already; write all its keys there, or give this one another name\n" },
		{ "[a]\nk = v\x07w\n", "[a]@1 ", "f:2: this line holds a control character; write "
		  "plain text\n" },
		{ "[a]\nk = v\rl = w\n", "[a]@1 ", "f:2: this line holds a control character; "
		  "write plain text\n" },
		{ "[a]\nnonsense\nk=v\nmore\n", "[a]@1 k@3=v|",
		  "f:2: neither a heading nor an entry; write KEY = VALUE\n"
		  "f:4: neither a heading nor an entry; write KEY = VALUE\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		check(span_str(cases[i].text), cases[i].shape, cases[i].problems);
	check(span_of("[a]\nk = v\0w\nl=x\n", 16), "[a]@1 l@3=x|",
	      "f:2: this line holds a NUL byte; write plain text\n");
	check(span_of("[a\0]\n", 5), "", "f:1: this line holds a NUL byte; write plain text\n");
}

/* inih cuts at 199 bytes and takes the rest for a line of its own. */
static void a_value_of_any_length_is_read_whole(void **state)
{
	char *text = mem_new(INI_LINE_MAX + 100);

	(void)state;
	for (size_t len = 150; len < 900; len++) {
		struct ini_file file = { 0 };
		struct problems problems = { 0 };
		size_t at = strlen("[a]\nkey = ");
		size_t start = at;

		memcpy(text, "[a]\nkey = ", at);
		for (size_t i = 0; i < len; i++)
			text[at++] = "action = x,;#  deliver"[i % 22];
		while (text[at - 1] == ' ')
			at--;
		text[at] = '\0';
		ini_source_read(span_of(text, at), "f", &file, &problems);
		assert_int_equal(problems.list.n, 0);
		assert_int_equal(file.sections[0].n, 1);
		assert_string_equal(file.sections[0].entries[0].value, text + start);
		ini_source_free(&file);
	}
	free(text);
}

static void a_line_beyond_the_limit_is_refused(void **state)
{
	size_t len = INI_LINE_MAX + 1;
	char *text = mem_new(len + 30);
	static const char too_long[] = "f:2: this line is too long; write the list into a file, "
				       "one a line, and name it: file:NAME\n";

	(void)state;
	memcpy(text, "[a]\nkey = ", 10);
	memset(text + 10, 'x', len);
	memcpy(text + 10 + len, "\nl = 1\n", 8);
	check(span_str(text), "[a]@1 l@3=1|", too_long);
	free(text);
}

static void a_long_run_that_cannot_be_folded_is_refused(void **state)
{
	char text[600] = "[a]\nkey = a";

	(void)state;
	memset(text + 11, ' ', 400);
	memcpy(text + 411, "b\nl = 1\n", 9);
	check(span_str(text), "[a]@1 l@3=1|",
	      "f:2: this line is too long and has no place to fold it; write the list into a "
	      "file, one a line, and name it: file:NAME\n");
}

static void a_comment_of_any_length_is_left_out(void **state)
{
	char text[1000];

	(void)state;
	memcpy(text, "[a]\n; ", 6);
	memset(text + 6, 'c', 500);
	memcpy(text + 506, "\nk = v ; ", 9);
	memset(text + 515, 'd', 400);
	memcpy(text + 915, "\nl = 1\n", 8);
	check(span_str(text), "[a]@1 k@3=v|l@4=1|", "");
}

static void names_longer_than_inih_keeps_are_refused(void **state)
{
	static const char n49[] = "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvw";
	char text[200], want[200];

	(void)state;
	snprintf(text, sizeof(text), "[%s]\n%s = v\n", n49, n49);
	snprintf(want, sizeof(want), "[%s]@1 %s@2=v|", n49, n49);
	check(span_str(text), want, "");
	snprintf(text, sizeof(text), "[%sx]\nk = v\n[b]\n%sx = v\n", n49, n49);
	check(span_str(text), "[b]@3 ",
	      "f:1: a section name has 1 to 49 bytes; write a shorter one\n"
	      "f:4: no key has such a name; write KEY = VALUE\n");
}

static void sections_are_found_by_name_and_line(void **state)
{
	struct ini_file file = { 0 };
	struct problems problems = { 0 };
	char *told;

	(void)state;
	ini_source_read(span_str("[a]\nk = 1\n[b]\n\n[a]\n[c]\n[a]\n"), "f", &file, &problems);
	told = problems_text(&problems);
	assert_string_equal(told, "f:5: section [a] stands on line 1 already; write all its keys "
				  "there, or give this one another name\n"
				  "f:7: section [a] stands on line 1 already; write all its keys "
				  "there, or give this one another name\n");
	assert_ptr_equal(ini_source_section(&file, "a"), &file.sections[0]);
	assert_ptr_equal(ini_source_section(&file, "c"), &file.sections[3]);
	assert_null(ini_source_section(&file, "A"));
	for (unsigned line = 0; line < 9; line++) {
		const struct ini_section *at = ini_source_at(&file, line);

		if (line == 1 || line == 3 || line == 5 || line == 6 || line == 7)
			assert_int_equal(at->line, line);
		else
			assert_null(at);
	}
	free(told);
	ini_source_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sections_and_entries_come_with_their_lines),
		cmocka_unit_test(sections_are_found_by_name_and_line),
		cmocka_unit_test(what_inih_would_skip_or_join_is_a_problem),
		cmocka_unit_test(a_value_of_any_length_is_read_whole),
		cmocka_unit_test(a_line_beyond_the_limit_is_refused),
		cmocka_unit_test(a_long_run_that_cannot_be_folded_is_refused),
		cmocka_unit_test(a_comment_of_any_length_is_left_out),
		cmocka_unit_test(names_longer_than_inih_keeps_are_refused),
	};

	return cmocka_run_group_tests_name("ini_source", tests, NULL, NULL);
}
