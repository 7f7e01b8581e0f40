#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_fetched.h"

#include <letterlock/buf.h>

/* All items as "name=kind:value|", with ! when it is broken. */
static void reads(const char *text, const char *want)
{
	static const char kinds[] = "NWSLC";
	struct imap_fetched fetched;
	struct imap_fetched_item item;
	struct buf out;
	char *got;
	int ret;

	buf_init(&out, 4096);
	if (!imap_fetched_begin(span_str(text), &fetched)) {
		assert_null(want);
		return;
	}
	(void)buf_printf(&out, "%u ", fetched.number);
	while ((ret = imap_fetched_next(&fetched, &item)) == 1)
		(void)buf_printf(&out, "%.*s=%c:%.*s|", (int)item.name.len,
				 item.name.at, kinds[item.kind],
				 (int)item.value.len, item.value.at);
	if (ret < 0)
		(void)buf_puts(&out, "!");
	got = buf_take_string(&out);
	assert_string_equal(got, want);
	free(got);
	buf_free(&out);
}

static void items_come_one_by_one(void **state)
{
	(void)state;
	reads("5 FETCH (UID 7 FLAGS (\\Seen $X) RFC822.SIZE 12)",
	      "5 UID=W:7|FLAGS=L:(\\Seen $X)|RFC822.SIZE=W:12|");
	reads("5 fetch (BODY[HEADER.FIELDS (A \"B\")] {4}\r\na)\r\n BODY[TEXT]<0> \"x y\" UID 1)",
	      "5 BODY[HEADER.FIELDS (A \"B\")]=S:a)\r\n|BODY[TEXT]<0>=S:x y|UID=W:1|");
	reads("1 FETCH (BODY[] NIL ENVELOPE (NIL ({1}\r\n() \"q)\"))",
	      "1 BODY[]=N:NIL|ENVELOPE=L:(NIL ({1}\r\n() \"q)\")|");
	reads("1 FETCH (UID 3 BODY[] {3000000}\r\n", "1 UID=W:3|BODY[]=C:|");
	reads("1 FETCH (BINARY[1] ~{2}\r\nab)", "1 BINARY[1]=S:ab|");
	reads("1 FETCH ()", "1 ");
}

static void what_is_broken_is_said_to_be(void **state)
{
	(void)state;
	reads("1 FETCH (UID)", "1 !");
	reads("1 FETCH (FLAGS (a)", "1 FLAGS=L:(a)|");
	reads("1 FETCH (FLAGS (a", "1 !");
	reads("1 FETCH (BODY[] {4}\r\nab)", "1 !");
	reads("1 FETCH (BODY[ {4}\r\nab)", "1 !");
	reads("1 FETCH (X \"a", "1 !");
	reads("1 EXISTS", NULL);
	reads("0 FETCH (UID 1)", NULL);
	reads("FETCH (UID 1)", NULL);
	/* no number of 32 bits is another one's */
	reads("4294967295 FETCH (UID 1)", "4294967295 UID=W:1|");
	reads("4294967296 FETCH (UID 1)", NULL);
	reads("4294967297 FETCH (UID 1)", NULL);
	reads("-1 FETCH (UID 1)", NULL);
	/* nor does a name go over the end of a line */
	reads("1 FETCH (A\r\nB 1)", "1 !");
	reads("1 FETCH (A\rB 1)", "1 !");
	reads("1 FETCH (A\nB 1)", "1 !");
	reads("1 FETCH (BODY[\nB] 1)", "1 !");
}

static uint32_t number_of(const char *text)
{
	struct imap_fetched fetched;
	struct imap_fetched_item item;

	assert_true(imap_fetched_begin(span_str(text), &fetched));
	assert_int_equal(imap_fetched_next(&fetched, &item), 1);
	return imap_fetched_number(&item);
}

static void numbers_are_words_of_32_bits(void **state)
{
	(void)state;
	assert_int_equal(number_of("1 FETCH (UID 7)"), 7);
	assert_int_equal(number_of("1 FETCH (UID 4294967295)"), 4294967295);
	assert_int_equal(number_of("1 FETCH (UID 4294967296)"), 0);
	assert_int_equal(number_of("1 FETCH (UID 4294967303)"), 0);
	assert_int_equal(number_of("1 FETCH (UID 18446744073709551623)"), 0);
	assert_int_equal(number_of("1 FETCH (UID -7)"), 0);
	assert_int_equal(number_of("1 FETCH (UID 7x)"), 0);
	assert_int_equal(number_of("1 FETCH (UID \"7\")"), 0);
	assert_int_equal(number_of("1 FETCH (UID {1}\r\n7)"), 0);
	assert_int_equal(number_of("1 FETCH (UID (7))"), 0);
	assert_int_equal(number_of("1 FETCH (UID NIL)"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(items_come_one_by_one),
		cmocka_unit_test(what_is_broken_is_said_to_be),
		cmocka_unit_test(numbers_are_words_of_32_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
