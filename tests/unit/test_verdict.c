#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/verdict.h>

static void a_reply_is_one_printable_line(void **state)
{
	struct reply reply;

	(void)state;
	reply_set(&reply, 550, "5.7.1", "no key for %s", "a\r\n250 ok\x1b\xff\xc3\xa9");
	assert_int_equal(reply.code, 550);
	assert_string_equal(reply.status, "5.7.1");
	assert_string_equal(reply.text, "no key for a??250 ok??\xc3\xa9");
	reply_set(&reply, 451, "4.7.1", "again: %s", reply.text);
	assert_string_equal(reply.text, "again: no key for a??250 ok??\xc3\xa9");
}

static void too_long_a_reply_is_cut_between_characters(void **state)
{
	struct reply reply;
	char text[1001];

	(void)state;
	for (size_t i = 0; i < 1000; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	text[1000] = '\0';
	reply_set(&reply, 550, "5.7.1", "%s", text);
	assert_int_equal(strlen(reply.text), sizeof(reply.text) - 2);
	assert_memory_equal(reply.text, text, sizeof(reply.text) - 2);
}

static void words_are_those_of_the_configuration(void **state)
{
	(void)state;
	assert_string_equal(verdict_encrypt_word(ENCRYPT_PREFER), "prefer");
	assert_string_equal(verdict_encrypt_word(ENCRYPT_REQUIRE), "require");
	assert_string_equal(verdict_encrypt_word(ENCRYPT_NO), "no");
	assert_string_equal(verdict_sign_word(SIGN_NO), "no");
	assert_string_equal(verdict_sign_word(SIGN_YES), "yes");
	assert_string_equal(verdict_sign_word(SIGN_PREFER), "prefer");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reply_is_one_printable_line),
		cmocka_unit_test(too_long_a_reply_is_cut_between_characters),
		cmocka_unit_test(words_are_those_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
