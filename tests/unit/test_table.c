#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "policy/run/table.h"

static const char *const head[] = { "recipient", "key" };

static char *printed(const struct table *table, void (*print)(const struct table *, FILE *))
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	print(table, out);
	fclose(out);
	return text;
}

static void same(struct table *table, const char *plain, const char *json)
{
	char *text = printed(table, table_print);

	assert_string_equal(text, plain);
	free(text);
	text = printed(table, table_print_json);
	assert_string_equal(text, json);
	free(text);
	table_free(table);
}

static void columns_stand_under_their_head_and_json_has_its_words(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, head, 2);
	table_put(&table, "bob@example.org");
	table_put(&table, NULL);
	table_put(&table, "j\xc3\xbc@x");
	table_put(&table, "ABC");
	same(&table, "recipient        key\nbob@example.org  -\nj\xc3\xbc@x             ABC\n",
	     "[{\"recipient\": \"bob@example.org\", \"key\": null},\n"
	     " {\"recipient\": \"j\xc3\xbc@x\", \"key\": \"ABC\"}]\n");
}

static void no_row_is_a_head_and_an_empty_list(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, head, 2);
	same(&table, "recipient  key\n", "[]\n");
}

static void what_comes_from_outside_stays_text(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, head, 2);
	table_put(&table, "a\"\\\n\x1b[2J");
	table_put(&table, "\xff");
	same(&table, "recipient  key\na\"\\?\?[2J   ?\n",
	     "[{\"recipient\": \"a\\\"\\\\\\u000a\\u001b[2J\", \"key\": \"\\ufffd\"}]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_stand_under_their_head_and_json_has_its_words),
		cmocka_unit_test(no_row_is_a_head_and_an_empty_list),
		cmocka_unit_test(what_comes_from_outside_stays_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
