#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/net/spare.h"

enum { LIMIT = 1024 * 1024 };

static void a_lent_block_keeps_what_the_queue_holds(void **state)
{
	struct spare *spare = spare_new();
	struct buf buf;

	(void)state;
	buf_init(&buf, LIMIT);
	buf_puts(&buf, "xxabc");
	buf_drop(&buf, 2);
	spare_lend(spare, &buf);
	assert_true(span_is(buf_span(&buf), "abc"));
	assert_true(buf.cap >= 256 * 1024);
	buf_puts(&buf, "def");
	spare_return(spare, &buf);	/* a small one for the six bytes */
	assert_true(span_is(buf_span(&buf), "abcdef"));
	assert_true(buf.cap < 1024);
	buf_drop(&buf, 6);
	spare_return(spare, &buf);
	assert_null(buf.data);
	spare_free(spare);
}

static void blocks_go_round_and_passwords_do_not(void **state)
{
	struct spare *spare = spare_new();
	struct buf one, two;
	char *block;

	(void)state;
	buf_init(&one, LIMIT);
	buf_init(&two, LIMIT);
	spare_lend(spare, &one);
	block = one.data;
	buf_puts(&one, "AUTH PLAIN secret");
	buf_drop(&one, one.len);
	spare_return(spare, &one);
	assert_null(one.data);
	spare_lend(spare, &two);
	assert_ptr_equal(two.data, block);
	assert_null(memmem(two.data, 1024, "secret", 6));
	spare_return(spare, &two);
	spare_free(spare);
}

/* Also far behind the front, and when it was dropped piece by piece. */
static void a_block_goes_round_without_the_mail_it_held(void **state)
{
	struct spare *spare = spare_new();
	struct buf buf;
	char *block;

	(void)state;
	buf_init(&buf, LIMIT);
	spare_lend(spare, &buf);
	block = buf.data;
	for (int i = 0; i < 20000; i++)
		buf_puts(&buf, "a secret..");
	while (buf.len > 1000)
		buf_drop(&buf, 999);
	spare_return(spare, &buf);	/* the rest moves to a small one */
	assert_ptr_not_equal(buf.data, block);
	buf_wipe(&buf);
	spare_lend(spare, &buf);
	assert_ptr_equal(buf.data, block);
	assert_null(memmem(block, 256 * 1024, "secret", 6));
	buf_wipe(&buf);
	spare_free(spare);
}

static void a_queue_that_is_in_use_keeps_its_block(void **state)
{
	struct spare *spare = spare_new();
	static char bytes[200 * 1024];
	struct buf buf;
	char *block;

	(void)state;
	buf_init(&buf, LIMIT);
	spare_lend(spare, &buf);
	buf_put(&buf, span_of(bytes, sizeof(bytes)));
	block = buf.data;
	spare_return(spare, &buf);
	assert_ptr_equal(buf.data, block);
	spare_lend(spare, &buf);
	assert_ptr_equal(buf.data, block);
	buf_free(&buf);
	spare_free(spare);
}

static void more_queues_than_spare_blocks_are_served_too(void **state)
{
	struct spare *spare = spare_new();
	struct buf bufs[40];

	(void)state;
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 40; i++) {
			buf_init(&bufs[i], LIMIT);
			spare_lend(spare, &bufs[i]);
			assert_non_null(bufs[i].data);
		}
		for (size_t i = 0; i < 40; i++)
			spare_return(spare, &bufs[i]);
	}
	spare_free(spare);	/* and the sanitizer finds nothing left */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lent_block_keeps_what_the_queue_holds),
		cmocka_unit_test(blocks_go_round_and_passwords_do_not),
		cmocka_unit_test(a_block_goes_round_without_the_mail_it_held),
		cmocka_unit_test(a_queue_that_is_in_use_keeps_its_block),
		cmocka_unit_test(more_queues_than_spare_blocks_are_served_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
