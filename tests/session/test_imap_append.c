#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/session/imap_state.h"
#include "proxy/session/shares.h"
#include "proxy/session/spool.h"
#include "tests/session/imap_talk.h"

enum { PIECE = 40 * 1000 };

#define COMMAND "b APPEND Sent (\\Seen) \"01-Jan-2026 00:00:00 +0000\" "
#define UPSTREAM "APPEND Sent (\\Seen) \"01-Jan-2026 00:00:00 +0000\" "

/* "sealed", which stands behind two octets of the answer. */
static const struct answer_copy sealed = { .offset = 2, .size = 6, .encrypted = true };

static void store_is_asked(struct fake *fake, const char *message)
{
	const struct ask *ask = fake_question(fake);

	assert_non_null(ask);
	assert_int_equal(ask->kind, ASK_STORE);
	is(ask->envelope.login, "alice");
	is(ask->envelope.listener, "submission");
	is(ask->envelope.client, "127.0.0.1");
	assert_int_equal(strlen(message), ask->message_size);
	assert_in_range(ask->output_max, ask->message_size + 4096, UINT32_MAX);
	is(fake_question_bytes(fake), message);
}

/* The message is here, policy asked; nothing was said upstream. */
static struct fake *asked(struct fake *fake)
{
	fake_client_says(fake, COMMAND "{5}\r\n");
	is(fake_to_client(fake), "+ OK\r\n");
	assert_null(fake_question(fake));
	fake_client_says(fake, "hello\r\n");
	store_is_asked(fake, "hello");
	is(fake_to_client(fake), "");
	is(fake_to_upstream(fake), "");
	return fake;
}

/* The session is as good as before: L3, or the next one it says. */
static void goes_on(struct fake *fake, const char *tag)
{
	char line[64];

	fake_client_says(fake, "n NOOP\r\n");
	snprintf(line, sizeof(line), "%s NOOP\r\n", tag);
	is(fake_to_upstream(fake), line);
	snprintf(line, sizeof(line), "%s OK x\r\n", tag);
	fake_upstream_says(fake, line);
	is(fake_to_client(fake), "n OK x\r\n");
	fake_free(fake);
}

static void a_message_is_sealed_before_upstream_hears_of_it(void **state)
{
	struct fake *fake = asked(logged_in("UIDPLUS LITERAL+"));

	(void)state;
	fake_policy_seals(fake, &sealed, 1, false, "..sealed..");
	is(fake_to_upstream(fake), "L3 " UPSTREAM "{6}\r\n");
	fake_upstream_says(fake, "+ go on\r\n");
	is(fake_to_upstream(fake), "sealed\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "L3 OK [APPENDUID 5 9] stored\r\n");
	is(fake_to_client(fake), "b OK [APPENDUID 5 9] stored\r\n");
	goes_on(fake, "L4");
}

static void what_policy_leaves_clear_goes_as_it_came(void **state)
{
	struct answer_copy copy = { .from_question = true, .size = 5 };
	struct fake *fake = asked(logged_in(""));

	(void)state;
	fake_policy_seals(fake, &copy, 1, false, NULL);
	is(fake_to_upstream(fake), "L3 " UPSTREAM "{5}\r\n");
	fake_upstream_says(fake, "+\r\n");
	is(fake_to_upstream(fake), "hello\r\n");
	fake_upstream_says(fake, "L3 OK x\r\n");
	is(fake_to_client(fake), "b OK x\r\n");
	fake_free(fake);
}

static void bytes_one_by_one_are_the_same(void **state)
{
	static const char client[] = "b APPEND {3}\r\na b {5}\r\nhello\r\nc NOOP\r\n";
	static const char upstream[] = "+ a\r\n+ b\r\nL3 OK x\r\n";
	struct fake *fake = logged_in("");
	char one[2] = "";

	(void)state;
	for (size_t i = 0; client[i]; i++) {
		one[0] = client[i];
		fake_client_says(fake, one);
	}
	is(fake_to_client(fake), "+ OK\r\n+ OK\r\n");
	store_is_asked(fake, "hello");
	fake_policy_seals(fake, &sealed, 1, false, "..sealed");
	for (size_t i = 0; upstream[i]; i++) {
		one[0] = upstream[i];
		fake_upstream_says(fake, one);
	}
	is(fake_to_upstream(fake), "L3 APPEND {3}\r\na b {6}\r\nsealed\r\nL4 NOOP\r\n");
	is(fake_to_client(fake), "b OK x\r\n");
	fake_free(fake);
}

static void with_literal_plus_all_comes_at_once(void **state)
{
	struct fake *fake = logged_in("LITERAL+");

	(void)state;
	fake_client_says(fake, "b APPEND x {5+}\r\nhello\r\nc NOOP\r\n");
	store_is_asked(fake, "hello");
	fake_policy_seals(fake, &sealed, 1, false, "..sealed");
	/* upstream may refuse it before it is said */
	is(fake_to_upstream(fake), "L3 APPEND x {6}\r\n");
	fake_upstream_says(fake, "+\r\n");
	is(fake_to_upstream(fake), "sealed\r\n");
	fake_upstream_says(fake, "L3 OK x\r\n");
	is(fake_to_upstream(fake), "L4 NOOP\r\n");
	is(fake_to_client(fake), "b OK x\r\n");
	fake_free(fake);
}

static void a_message_of_nothing_is_policys_to_judge(void **state)
{
	struct fake *fake = logged_in("");

	(void)state;
	fake_client_says(fake, "b APPEND x {0}\r\n");
	is(fake_to_client(fake), "+ OK\r\n");
	fake_client_says(fake, "\r\n");
	store_is_asked(fake, "");
	fake_policy_says(fake, ANSWER_REFUSED, 550, "5.6.0", "there is no message");
	is(fake_to_client(fake), "b NO [CANNOT] there is no message\r\n");
	goes_on(fake, "L3");
}

static void what_policy_refuses_is_not_stored(void **state)
{
	struct fake *fake = asked(logged_in(""));

	(void)state;
	fake_policy_says(fake, ANSWER_REFUSED, 550, "5.7.1", "no usable key for a@b (rule r)");
	is(fake_to_client(fake), "b NO [CANNOT] no usable key for a@b (rule r)\r\n");
	(void)asked(fake);
	fake_policy_says(fake, ANSWER_REFUSED, 451, "4.7.1", "try again");
	is(fake_to_client(fake), "b NO [UNAVAILABLE] try again\r\n");
	(void)asked(fake);
	fake_policy_is_silent(fake);
	is(fake_to_client(fake),
	   "b NO [UNAVAILABLE] the message cannot be protected now\r\n");
	goes_on(fake, "L3");
}

static void an_answer_that_is_none_stores_nothing(void **state)
{
	static const char no[] = "b NO [UNAVAILABLE] the message cannot be protected now\r\n";
	const struct answer_copy beyond = { .from_question = true, .offset = 1, .size = 5 };
	const struct answer_copy empty = { .offset = 1 }, two[] = { sealed, sealed };
	struct fake *fake = asked(logged_in(""));

	(void)state;
	fake_policy_says(fake, ANSWER_YES, 0, NULL, NULL);
	is(fake_to_client(fake), no);
	fake_policy_seals(asked(fake), two, 2, false, "..sealed");
	is(fake_to_client(fake), no);
	fake_policy_seals(asked(fake), two, 0, false, "..sealed");
	is(fake_to_client(fake), no);
	fake_policy_seals(asked(fake), &beyond, 1, false, NULL);
	is(fake_to_client(fake), no);
	fake_policy_seals(asked(fake), &empty, 1, false, "..sealed");
	is(fake_to_client(fake), no);
	fake_policy_seals(asked(fake), &sealed, 1, false, NULL);
	is(fake_to_client(fake), no);
	goes_on(fake, "L3");
}

/* What was announced is not there: half a message must not be stored. */
static void a_copy_that_is_too_short_ends_the_session(void **state)
{
	const struct answer_copy longer = { .offset = 2, .size = 7, .encrypted = true };
	struct fake *fake = asked(logged_in(""));

	(void)state;
	fake_policy_seals(fake, &longer, 1, false, "..sealed");
	is(fake_to_upstream(fake), "L3 " UPSTREAM "{7}\r\n");
	fake_upstream_says(fake, "+\r\n");
	is(fake_to_upstream(fake), "sealed");
	is(fake_to_client(fake), "* BYE a message could not be handed on\r\n");
	assert_true(fake_upstream_aborted(fake));
	fake_free(fake);
}

static void what_upstream_refuses_is_said_in_its_words(void **state)
{
	struct fake *fake = asked(logged_in(""));

	(void)state;
	fake_policy_seals(fake, &sealed, 1, false, "..sealed");
	fake_upstream_says(fake, "L3 NO [TRYCREATE] no such mailbox\r\n");
	is(fake_to_client(fake), "b NO [TRYCREATE] no such mailbox\r\n");
	is(fake_to_upstream(fake), "L3 " UPSTREAM "{6}\r\n");
	fake_policy_seals(asked(fake), &sealed, 1, false, "..sealed");
	fake_upstream_says(fake, "+\r\n");
	fake_upstream_says(fake, "L4 NO [OVERQUOTA] full\r\n");
	is(fake_to_client(fake), "b NO [OVERQUOTA] full\r\n");
	is(fake_to_upstream(fake), "L4 " UPSTREAM "{6}\r\nsealed\r\n");
	goes_on(fake, "L5");
}

static void ok_before_the_message_is_no_ok(void **state)
{
	struct fake *fake = asked(logged_in(""));

	(void)state;
	fake_policy_seals(fake, &sealed, 1, false, "..sealed");
	fake_upstream_says(fake, "L3 OK stored\r\n");
	has(fake_to_client(fake), "* BYE upstream provider: answered a command before its end");
	fake_free(fake);
}

static void a_command_that_does_not_end_stores_nothing(void **state)
{
	struct fake *fake = logged_in("");

	(void)state;
	fake_client_says(fake, "b APPEND x {2}\r\n");
	is(fake_to_client(fake), "+ OK\r\n");
	fake_client_says(fake, "hi there\r\n");
	has(fake_to_client(fake), "b BAD ");
	fake_client_says(fake, "b APPEND x {2+}\r\nhi {2+}\r\nho\r\n");
	has(fake_to_client(fake), "b BAD ");
	assert_int_equal(0, fake_asked(fake, ASK_STORE));
	assert_int_equal(IMAP_IDLE_WAIT, fake_client_deadline(fake));
	goes_on(fake, "L3");
}

/* --- room --- */

static struct fake *with_room(uint64_t memory, uint64_t message)
{
	struct fake_options options = { .protocol = PROTOCOL_IMAP,
					.upstream_tls = UPSTREAM_NONE,
					.spool_memory = memory,
					.shared = memory,
					.max_message_size = message };
	struct fake *fake = greeted(&options, "");

	fake_client_says(fake, "a LOGIN alice x\r\n");
	fake_upstream_says(fake, "L2 OK [CAPABILITY IMAP4rev1] in\r\n");
	has(fake_to_upstream(fake), "L2 LOGIN ");
	has(fake_to_client(fake), "a OK [CAPABILITY ");
	return fake;
}

/* The client says the announcement, and all of `message`, in pieces. */
static void client_stores(struct fake *fake, const char *message)
{
	size_t size = strlen(message);
	char piece[PIECE + 1];

	(void)snprintf(piece, sizeof(piece), "b APPEND x {%zu+}\r\n", size);
	fake_client_says(fake, piece);
	for (size_t at = 0; at < size; at += PIECE) {
		(void)snprintf(piece, sizeof(piece), "%s", message + at);
		fake_client_says(fake, piece);
	}
	fake_client_says(fake, "\r\n");
}

static void what_has_no_room_is_swallowed_and_refused(void **state)
{
	char *large = text_of("Subject: x\r\n\r\n", 500 * 1000);
	struct fake *fake = with_room(256 * 1024, 1 << 20);

	(void)state;
	client_stores(fake, large);
	is(fake_to_client(fake), "b NO [LIMIT] the gateway has no room for it now\r\n");
	assert_int_equal(0, fake_asked(fake, ASK_STORE));
	/* what is smaller has room again */
	fake_client_says(fake, "b APPEND x {5+}\r\nhello\r\n");
	store_is_asked(fake, "hello");
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "b NO [UNAVAILABLE]");
	is(fake_to_upstream(fake), "");
	free(large);
	goes_on(fake, "L3");
}

/* Who stores, sends or reads much in other sessions leaves room for the others. */
static void a_login_has_its_share(void **state)
{
	char *large = text_of("Subject: x\r\n\r\n", 60 * 1000);
	struct fake *fake = with_room(256 * 1024, 1 << 20);
	struct login_shares same;

	(void)state;
	shares_enter(fake_shares(fake), "alice", &same);
	assert_true(spool_budget_take(same.reading, 100 * 1024));
	client_stores(fake, large);
	is(fake_to_client(fake), "b NO [LIMIT] the gateway has no room for it now\r\n");
	spool_budget_give(same.reading, 100 * 1024);
	client_stores(fake, large);
	store_is_asked(fake, large);
	assert_false(spool_budget_take(same.reading, 1));
	shares_leave(&same);
	free(large);
	fake_free(fake);
}

static void a_large_message_goes_as_fast_as_upstream_takes_it(void **state)
{
	char *large = text_of("Subject: x\r\n\r\n", 3 * 1000 * 1000);
	struct answer_copy copy = { .size = strlen(large), .encrypted = true };
	struct fake *fake = with_room(8 << 20, 8 << 20);
	char begin[64];
	const char *got;

	(void)state;
	client_stores(fake, large);
	assert_int_equal(strlen(large), fake_question(fake)->message_size);
	is(fake_question_bytes(fake), large);
	fake_policy_seals(fake, &copy, 1, false, large);
	(void)snprintf(begin, sizeof(begin), "L3 APPEND x {%zu}\r\n", strlen(large));
	is(fake_to_upstream(fake), begin);
	/* its `conn` has room for 1 MiB */
	fake_upstream_stalls(fake, true);
	fake_upstream_says(fake, "+\r\n");
	is(fake_to_upstream(fake), "");
	assert_int_equal(IMAP_UPSTREAM_WAIT, fake_upstream_deadline(fake));
	fake_client_says(fake, "c NOOP\r\n");
	fake_upstream_says(fake, "* OK still there\r\n");
	is(fake_to_client(fake), "* OK still there\r\n");
	fake_upstream_stalls(fake, false);
	got = fake_to_upstream(fake);
	assert_int_equal(strlen(large) + 2, strlen(got));
	assert_memory_equal(got, large, strlen(large));
	is(got + strlen(large), "\r\n");
	fake_upstream_says(fake, "L3 OK x\r\n");
	is(fake_to_client(fake), "b OK x\r\n");
	is(fake_to_upstream(fake), "L4 NOOP\r\n");
	free(large);
	fake_free(fake);
}

static void upstream_that_answers_in_the_middle_is_done_with(void **state)
{
	char *large = text_of("", 900 * 1000);
	struct answer_copy copy = { .size = strlen(large), .encrypted = true };
	struct fake *fake = asked(logged_in(""));

	(void)state;
	fake_policy_seals(fake, &copy, 1, false, large);
	fake_upstream_stalls(fake, true);
	fake_upstream_says(fake, "+\r\nL3 NO too much\r\n");
	has(fake_to_client(fake), "* BYE upstream provider: gave up in the middle");
	assert_true(fake_upstream_aborted(fake));
	free(large);
	fake_free(fake);
}

/* --- who leaves --- */

static void upstream_that_leaves_ends_it(void **state)
{
	struct fake *fake = logged_in("");

	(void)state;
	fake_client_says(fake, "b APPEND x {5}\r\n");
	is(fake_to_client(fake), "+ OK\r\n");
	fake_client_says(fake, "he");
	fake_upstream_leaves(fake, ERR_NONE, "");
	has(fake_to_client(fake), "* BYE upstream provider: closed the connection\r\n");
	fake_free(fake);

	fake = asked(logged_in(""));
	fake_upstream_leaves(fake, ERR_NONE, "");
	has(fake_to_client(fake), "* BYE upstream provider: closed the connection\r\n");
	assert_null(fake_question(fake));
	fake_free(fake);

	fake = asked(logged_in(""));
	fake_policy_seals(fake, &sealed, 1, false, "..sealed");
	fake_upstream_says(fake, "+\r\n");
	fake_upstream_leaves(fake, ERR_TIMEOUT, "");
	has(fake_to_client(fake), "* BYE upstream provider: did not answer in time\r\n");
	fake_free(fake);
}

static void of_a_client_that_leaves_nothing_is_stored(void **state)
{
	char *large = text_of("", 900 * 1000);
	struct answer_copy copy = { .size = strlen(large), .encrypted = true };
	struct fake *fake = logged_in("");

	(void)state;
	fake_client_says(fake, "b APPEND x {5}\r\nhell");
	fake_client_leaves(fake);
	is(fake_to_upstream(fake), "L3 LOGOUT\r\n");
	assert_int_equal(0, fake_asked(fake, ASK_STORE));
	fake_free(fake);

	fake = asked(logged_in(""));
	fake_client_leaves(fake);
	is(fake_to_upstream(fake), "L3 LOGOUT\r\n");
	assert_null(fake_question(fake));
	fake_free(fake);

	/* half of it is said: upstream must not take that for the whole */
	fake = asked(logged_in(""));
	fake_policy_seals(fake, &copy, 1, false, large);
	fake_upstream_stalls(fake, true);
	fake_upstream_says(fake, "+\r\n");
	fake_client_leaves(fake);
	assert_true(fake_upstream_aborted(fake));
	assert_in_range(strlen(fake_to_upstream(fake)), 0, 800 * 1000);
	free(large);
	fake_free(fake);
}

static void a_slow_client_is_cut_off(void **state)
{
	char *text = text_of("", PACE_BLOCK_LEAST - 10);
	struct fake *fake = logged_in("");
	unsigned set;

	(void)state;
	fake_client_says(fake, "b APPEND x {5000}\r\n");
	is(fake_to_client(fake), "+ OK\r\n");
	assert_int_equal(PACE_BLOCK, fake_client_deadline(fake));
	set = fake_client_deadlines(fake);
	fake_client_says(fake, text);
	fake_client_says(fake, "012345678");
	assert_int_equal(set, fake_client_deadlines(fake));
	fake_client_says(fake, "9");
	assert_int_equal(set + 1, fake_client_deadlines(fake));
	fake_client_says(fake, "0");
	assert_int_equal(set + 1, fake_client_deadlines(fake));
	fake_client_times_out(fake);
	assert_true(fake_session_over(fake));
	assert_int_equal(0, fake_asked(fake, ASK_STORE));
	free(text);
	fake_free(fake);

	/* while others work it has no deadline */
	fake = asked(logged_in(""));
	assert_int_equal(0, fake_client_deadline(fake));
	fake_free(fake);
}

static void what_upstream_tells_in_between_is_relayed(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "b APPEND INBOX {5}\r\nhe");
	is(fake_to_client(fake), "+ OK\r\n");
	fake_upstream_says(fake, "* 4 EXISTS\r\n");
	is(fake_to_client(fake), "* 4 EXISTS\r\n");
	fake_client_says(fake, "llo\r\n");
	fake_upstream_says(fake, "* 5 EXISTS\r\n");
	is(fake_to_client(fake), "* 5 EXISTS\r\n");
	fake_policy_seals(fake, &sealed, 1, false, "..sealed");
	is(fake_to_upstream(fake), "L4 APPEND INBOX {6}\r\n");
	fake_upstream_says(fake, "* 6 EXISTS\r\n+\r\n* 7 EXISTS\r\n"
			   "* 7 FETCH (FLAGS () BODY[] {1}\r\nx)\r\nL4 OK x\r\n");
	is(fake_to_client(fake), "* 6 EXISTS\r\n* 7 EXISTS\r\nb OK x\r\n");
	is(fake_to_upstream(fake), "sealed\r\n");
	goes_on(fake, "L5");
}

static void a_worker_that_drains_stores_it_first(void **state)
{
	struct fake *fake = logged_in("");

	(void)state;
	fake_client_says(fake, "b APPEND x {5}\r\nhe");
	is(fake_to_client(fake), "+ OK\r\n");
	fake_drain(fake);
	is(fake_to_client(fake), "");
	fake_client_says(fake, "llo\r\n");
	fake_policy_seals(fake, &sealed, 1, false, "..sealed");
	fake_upstream_says(fake, "+\r\nL3 OK x\r\n");
	is(fake_to_client(fake), "b OK x\r\n* BYE shutting down\r\n");
	is(fake_to_upstream(fake), "L3 APPEND x {6}\r\nsealed\r\nL4 LOGOUT\r\n");
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_sealed_before_upstream_hears_of_it),
		cmocka_unit_test(what_policy_leaves_clear_goes_as_it_came),
		cmocka_unit_test(bytes_one_by_one_are_the_same),
		cmocka_unit_test(with_literal_plus_all_comes_at_once),
		cmocka_unit_test(a_message_of_nothing_is_policys_to_judge),
		cmocka_unit_test(what_policy_refuses_is_not_stored),
		cmocka_unit_test(an_answer_that_is_none_stores_nothing),
		cmocka_unit_test(a_copy_that_is_too_short_ends_the_session),
		cmocka_unit_test(what_upstream_refuses_is_said_in_its_words),
		cmocka_unit_test(ok_before_the_message_is_no_ok),
		cmocka_unit_test(a_command_that_does_not_end_stores_nothing),
		cmocka_unit_test(what_has_no_room_is_swallowed_and_refused),
		cmocka_unit_test(a_login_has_its_share),
		cmocka_unit_test(a_large_message_goes_as_fast_as_upstream_takes_it),
		cmocka_unit_test(upstream_that_answers_in_the_middle_is_done_with),
		cmocka_unit_test(upstream_that_leaves_ends_it),
		cmocka_unit_test(of_a_client_that_leaves_nothing_is_stored),
		cmocka_unit_test(a_slow_client_is_cut_off),
		cmocka_unit_test(what_upstream_tells_in_between_is_relayed),
		cmocka_unit_test(a_worker_that_drains_stores_it_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
