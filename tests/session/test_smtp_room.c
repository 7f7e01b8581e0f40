/* What a submission takes of the spool, and who is told that there is no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "proxy/session/shares.h"
#include "proxy/session/spool.h"
#include "tests/session/smtp_talk.h"

enum { MIB = 1024 * 1024 };

/* A megabyte of lines. */
static const char *megabyte(void)
{
	static char run[MIB + 1];

	memset(run, 'x', MIB);
	for (int i = 62; i < MIB; i += 64)
		memcpy(run + i, "\r\n", 2);
	return run;
}

/* Alice is logged in; logins have their shares of 32 MiB. */
static struct fake *alice(void)
{
	struct fake_options options = { .upstream_tls = UPSTREAM_NONE, .spool_memory = 32 * MIB,
					.shared = 32 * MIB, .max_message_size = 32 * MIB };
	struct fake *fake = greeted(&options, "250-AUTH PLAIN\r\n250-SIZE\r\n");

	fake_client_says(fake, "AUTH PLAIN AGFsaWNlAHB3\r\n");
	fake_upstream_says(fake, "235 ok\r\n");
	has(fake_to_client(fake), "235 ");
	(void)fake_to_upstream(fake);
	return fake;
}

/* MAIL with `parameter`, and RCPT. */
static void mail_and_rcpt(struct fake *fake, const char *parameter)
{
	char line[80];

	(void)snprintf(line, sizeof(line), "MAIL FROM:<a@x>%s\r\n", parameter);
	fake_client_says(fake, line);
	if (fake_question(fake))	/* once */
		fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	fake_upstream_says(fake, "250 ok\r\n");
	is(fake_to_client(fake), "250 ok\r\n");
	(void)fake_to_upstream(fake);
	rcpt(fake, "RCPT TO:<b@y>", "250 ok\r\n");
}

/* What is said to DATA behind them. */
static const char *begun(struct fake *fake, const char *parameter)
{
	mail_and_rcpt(fake, parameter);
	fake_client_says(fake, "DATA\r\n");
	return fake_to_client(fake);
}

static void a_message_beyond_the_spool_is_452_and_the_session_goes_on(void **state)
{
	struct fake_options options = { .upstream_tls = UPSTREAM_NONE,
					.spool_memory = 4096 };
	struct fake *fake = greeted(&options, "");
	char line[80];

	(void)state;
	mail(fake);
	rcpt(fake, "RCPT TO:<b@y>", "250 ok\r\n");
	fake_client_says(fake, "DATA\r\n");
	fake_to_client(fake);
	memset(line, 'x', 76);
	memcpy(line + 76, "\r\n", 3);
	for (int i = 0; i < 100; i++)
		fake_client_says(fake, line);
	is(fake_to_client(fake), "");
	fake_client_says(fake, ".\r\n");
	has(fake_to_client(fake), "452 4.3.1");
	assert_int_equal(0, fake_asked(fake, ASK_SEAL));
	is(fake_to_upstream(fake), "RSET\r\n");
	/* the client waits until upstream is ready for more */
	fake_client_says(fake, "NOOP\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "250 ok\r\n");
	has(fake_to_client(fake), "250 ");
	fake_free(fake);
}

/* THREATS 115: many that come at once do not all fail at their ends. */
static void the_copy_of_a_large_message_is_counted_while_that_comes(void **state)
{
	struct fake_options options = { .upstream_tls = UPSTREAM_NONE, .spool_memory = 16 * MIB,
					.max_message_size = 16 * MIB };
	struct fake *fake = greeted(&options, "");
	const char *run = megabyte();
	uint64_t others;

	(void)state;
	mail(fake);
	rcpt(fake, "RCPT TO:<b@y>", "250 ok\r\n");
	fake_client_says(fake, "DATA\r\n");
	fake_to_client(fake);
	for (int i = 0; i < 5; i++)
		fake_client_says(fake, run);
	others = spool_budget_free_bytes(fake_budget(fake));
	assert_in_range(others, 3 * MIB, 5 * MIB);	/* 5 and 7 of 16 are held */
	others += SPOOL_SLACK;
	assert_true(spool_budget_take_output(fake_budget(fake), others));
	fake_client_says(fake, run);
	spool_budget_give(fake_budget(fake), others);
	assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 16 * MIB);
	fake_client_says(fake, ".\r\n");
	has(fake_to_client(fake), "452 4.3.1");
	fake_free(fake);
}

/* What `fake` still takes of a message, in MiB, before nothing more is counted. */
static unsigned takes(struct fake *fake, unsigned most)
{
	uint64_t before, after = spool_budget_free_bytes(fake_budget(fake));
	unsigned n = 0;

	do {
		before = after;
		fake_client_says(fake, megabyte());
		after = spool_budget_free_bytes(fake_budget(fake));
	} while (after < before && ++n < most);
	return n;
}

/* As large as the whole: its copy goes beyond. */
static void a_message_of_all_the_room_is_taken(void **state)
{
	struct fake *fake = alice();

	(void)state;
	has(begun(fake, " SIZE=32000000"), "354 ");
	for (int i = 0; i < 31; i++)
		fake_client_says(fake, megabyte());
	fake_client_says(fake, ".\r\n");
	assert_int_equal(ASK_SEAL, fake_question(fake)->kind);
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "451 4.3.0");
	is(fake_to_upstream(fake), "RSET\r\n");
	fake_upstream_says(fake, "250 reset\r\n");
	has(begun(fake, ""), "354 ");
	for (int i = 0; i < 31; i++)
		fake_client_says(fake, megabyte());
	fake_client_says(fake, ".\r\n");
	assert_int_equal(ASK_SEAL, fake_question(fake)->kind);
	fake_free(fake);
}

static void one_login_leaves_room_for_the_others(void **state)
{
	struct login_shares same, others;
	struct fake *fake = alice();

	(void)state;
	shares_enter(fake_shares(fake), "Alice", &same);
	shares_enter(fake_shares(fake), "bob", &others);
	/* other sessions of hers send, and read: three quarters, in all */
	assert_true(spool_budget_take(same.reading, 8 * MIB));
	assert_true(spool_budget_take(same.sending, 8 * MIB));
	has(begun(fake, ""), "354 ");
	assert_int_equal(takes(fake, 20), 3);	/* with a fourth goes its copy */
	fake_client_says(fake, ".\r\n");
	has(fake_to_client(fake), "452 4.3.1");
	assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 16 * MIB);
	fake_upstream_says(fake, "250 reset\r\n");
	assert_true(spool_budget_take(others.sending, 16 * MIB));
	spool_budget_give(others.sending, 16 * MIB);
	/* one message alone may be larger, its copy with it */
	spool_budget_give(same.reading, 8 * MIB);
	spool_budget_give(same.sending, 8 * MIB);
	has(begun(fake, ""), "354 ");
	assert_int_equal(takes(fake, 12), 12);
	assert_true(spool_budget_free_bytes(fake_budget(fake)) < 6 * MIB);
	assert_false(spool_budget_take(same.sending, 1));
	fake_client_says(fake, ".\r\n");
	assert_int_equal(ASK_SEAL, fake_question(fake)->kind);
	shares_leave(&same);
	shares_leave(&others);
	fake_free(fake);
}

/* Who said how much is coming need not send it in vain. */
static void what_has_no_room_is_refused_before_it_is_sent(void **state)
{
	struct login_shares others;
	struct fake *fake = alice();

	(void)state;
	shares_enter(fake_shares(fake), "bob", &others);
	/* there is nothing when it begins */
	assert_true(spool_budget_take(others.sending, 30 * MIB));
	fake_client_says(fake, "MAIL FROM:<a@x> SIZE=9000000\r\n");
	has(fake_to_client(fake), "452 4.3.1");
	spool_budget_give(others.sending, 8 * MIB);
	/* somebody else was faster: 10 are there, but not what the copy needs */
	mail_and_rcpt(fake, " SIZE=9000000");
	assert_true(spool_budget_take_output(others.sending, SPOOL_SLACK));
	fake_client_says(fake, "DATA\r\n");
	has(fake_to_client(fake), "452 4.3.1");
	assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 0);
	spool_budget_give(others.sending, SPOOL_SLACK);
	assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 10 * MIB);
	fake_client_says(fake, "RSET\r\n");
	is(fake_to_upstream(fake), "RSET\r\n");
	fake_upstream_says(fake, "250 reset\r\n");
	is(fake_to_client(fake), "250 2.0.0 forgotten\r\n");
	has(begun(fake, " SIZE=9000000"), "354 ");
	assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 0);
	/* nobody takes it away, and what was not needed is there again */
	spool_budget_give(others.sending, 22 * MIB);
	assert_in_range(spool_budget_free_bytes(fake_budget(fake)), 8 * MIB, 12 * MIB);
	fake_client_says(fake, "Subject: x\r\n\r\nshort\r\n.\r\n");
	assert_int_equal(ASK_SEAL, fake_question(fake)->kind);
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "451 4.3.0");
	assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 32 * MIB);
	shares_leave(&others);
	fake_free(fake);
}

/* Upstream may take ten minutes to answer; nothing more is sent of the last copy then. */
static void what_was_sent_holds_no_room(void **state)
{
	uint16_t all[] = { 0 };
	struct answer_copy copies[] = { { .offset = 0, .size = 5, .recipients = { all, 1 } },
					{ .offset = 5, .size = 5, .recipients = { all, 1 } } };

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		struct fake *fake = alice();

		has(begun(fake, ""), "354 ");
		fake_client_says(fake, "Subject: x\r\n\r\nshort\r\n.\r\n");
		fake_policy_seals(fake, copies, n, n > 1, "one\r\ntwo\r\n");
		assert_true(spool_budget_free_bytes(fake_budget(fake)) < 32 * MIB);
		for (int i = 0; n > 1 && i < 3; i++)	/* a transaction of its own */
			fake_upstream_says(fake, "250 ok\r\n");
		fake_upstream_says(fake, "354 go\r\n");
		has(fake_to_upstream(fake), "one\r\n.\r\n");
		if (n > 1) {	/* the other is there still, while somebody waits for it */
			assert_true(spool_budget_free_bytes(fake_budget(fake)) < 32 * MIB);
			fake_client_leaves(fake);
		}
		assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 32 * MIB);
		fake_upstream_says(fake, "250 queued\r\n");
		if (n == 1)
			is(fake_to_client(fake), "250 queued\r\n");
		else
			assert_int_equal(ASK_ACCEPTED, fake_question(fake)->kind);
		fake_free(fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_beyond_the_spool_is_452_and_the_session_goes_on),
		cmocka_unit_test(the_copy_of_a_large_message_is_counted_while_that_comes),
		cmocka_unit_test(a_message_of_all_the_room_is_taken),
		cmocka_unit_test(one_login_leaves_room_for_the_others),
		cmocka_unit_test(what_has_no_room_is_refused_before_it_is_sent),
		cmocka_unit_test(what_was_sent_holds_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
