#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include <letterlock/err.h>

static void a_text_never_holds_a_line_end(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, ERR_PEER, "it said \"%s\"", "a\r\nb\x7f\x1b\xc3\xa9"), -1);
	assert_string_equal(err.text, "it said \"a??b??\xc3\xa9\"");
	assert_int_equal(err.kind, ERR_PEER);
}

static void each_caller_puts_where_it_was_in_front(void **state)
{
	struct err err;

	(void)state;
	err_errno(&err, ERR_CONF, ENOENT, "opening %s", "a.pem");
	assert_int_equal(err_while(&err, "loading key %d", 7), -1);
	assert_string_equal(err.text,
			    "loading key 7: opening a.pem: No such file or directory");
	assert_int_equal(err.kind, ERR_CONF);
	err_set(&err, ERR_TEMP, "again: %s", err.text);
	assert_string_equal(err.text,
			    "again: loading key 7: opening a.pem: No such file or directory");
	err_errno(&err, ERR_TEMP, 99999, "x");
	assert_string_equal(err.text, "x: error 99999");
}

static void too_long_a_text_is_cut(void **state)
{
	struct err err;

	(void)state;
	err_set(&err, ERR_BUG, "%0600d", 1);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	err_while(&err, "where");
	assert_memory_equal(err.text, "where: 000", 10);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void nobody_has_to_listen(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, ERR_BUG, "x"), -1);
	assert_int_equal(err_errno(NULL, ERR_BUG, EIO, "x"), -1);
	assert_int_equal(err_while(NULL, "x"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_never_holds_a_line_end),
		cmocka_unit_test(each_caller_puts_where_it_was_in_front),
		cmocka_unit_test(too_long_a_text_is_cut),
		cmocka_unit_test(nobody_has_to_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
