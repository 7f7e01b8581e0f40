/* IMAP sessions whose peers stop in the middle: nobody takes half a message for a
 * whole one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <letterlock/mem.h>

#include "proxy/session/imap_state.h"
#include "tests/session/imap_talk.h"

enum end { LEAVES, RESETS, FALLS_SILENT, ENDS };

static void upstream_ends(struct fake *fake, enum end how)
{
	if (how == LEAVES)
		fake_upstream_leaves(fake, ERR_NONE, "");
	else if (how == RESETS)
		fake_upstream_leaves(fake, ERR_PEER, "reset");
	else
		fake_time_passes(fake, IMAP_UPSTREAM_WAIT);
}

static void a_whole_session_of_clear_mail_passes_as_it_is(void **state)
{
	char *text = text_of("Subject: x\r\n\r\n", 200 * 1000);
	struct fake *fake = fetching("c FETCH 1 (UID BODY.PEEK[])\r\n", CLEAR("1", "7"));
	const char *got;

	(void)state;
	is(fake_to_upstream(fake), "L5 FETCH 1 (UID BODY.PEEK[])\r\n");
	upstream_says_big(fake, "* 1 FETCH (UID 7 BODY[]", text, ")\r\n* 4 EXISTS\r\nL5 OK x\r\n");
	got = fake_to_client(fake);
	has(got, "* 1 FETCH (UID 7 BODY[] {200014}\r\nSubject: x\r\n\r\n");
	assert_memory_equal(strstr(got, "Subject"), text, strlen(text));
	has(got, "\r\n)\r\n");
	has(got, "c OK ");
	fake_client_says(fake, "d LOGOUT\r\n");
	has(fake_to_upstream(fake), "LOGOUT\r\n");
	fake_upstream_says(fake, "* BYE bye\r\nL6 OK x\r\n");
	got = fake_to_client(fake);
	has(got, "* BYE");
	has(got, "d OK ");
	assert_true(fake_session_over(fake));
	free(text);
	fake_free(fake);
}

/* Within a literal nothing can be said to the client: no BYE, which it would take
 * for the message's text, and nothing that would make it whole. */
static void a_literal_that_stops_ends_the_session_without_a_word(void **state)
{
	char *half = text_of("* 1 FETCH (UID 7 BODY[] {400000}\r\nSubject: x\r\n\r\n",
			     200 * 1000);

	(void)state;
	for (size_t cut = 0; cut < 3; cut++)	/* behind LF, behind CR, within a line */
		for (int how = LEAVES; how < ENDS; how++) {
			struct fake *fake = fetching("c FETCH 1 (UID BODY.PEEK[])\r\n",
						     CLEAR("1", "7"));
			char *begin = mem_strdup(half);
			const char *got;

			begin[strlen(begin) - cut] = '\0';
			fake_upstream_says(fake, begin);
			got = fake_to_client(fake);
			assert_true(strlen(got) > 100 * 1000);
			assert_ptr_equal(strstr(begin, got), begin);
			upstream_ends(fake, (enum end)how);
			is(fake_to_client(fake), "");
			assert_false(fake_client_open(fake));
			assert_true(fake_session_over(fake));
			free(begin);
			fake_free(fake);
		}
	free(half);
}

/* What the client has heard nothing of yet leaves room for a word. */
static void a_literal_that_the_client_has_not_seen_ends_in_a_bye(void **state)
{
	(void)state;
	for (int how = LEAVES; how < ENDS; how++) {
		struct fake *fake = fetching("c FETCH 1 (UID BODY.PEEK[])\r\n",
					     CLEAR("1", "7"));
		const char *got;

		fake_upstream_says(fake, "* 1 FETCH (UID 7 BODY[] {1000}\r\nSubject: half");
		is(fake_to_client(fake), "");
		upstream_ends(fake, (enum end)how);
		got = fake_to_client(fake);
		assert_ptr_equal(strstr(got, "* BYE upstream provider: "), got);
		assert_null(strstr(got, "Subject"));
		assert_true(fake_session_over(fake));
		fake_free(fake);
	}
}

static void half_a_stored_message_is_not_opened(void **state)
{
	(void)state;
	for (int how = LEAVES; how < ENDS; how++) {
		struct fake *fake = fetching("c FETCH 2 BODY.PEEK[]\r\n", SEALED("2", "8"));
		const char *got;

		fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
		has(fake_to_upstream(fake), "BODY.PEEK[]");
		fake_upstream_says(fake, "* 2 FETCH (UID 8 BODY[] {1000}\r\n" PGP "half");
		upstream_ends(fake, (enum end)how);
		assert_int_equal(0, fake_asked(fake, ASK_OPEN));
		got = fake_to_client(fake);
		assert_ptr_equal(strstr(got, "* BYE upstream provider: "), got);
		assert_null(strstr(got, "FETCH"));
		assert_true(fake_session_over(fake));
		fake_free(fake);
	}
}

/* Each octet is an answer of upstream's, and still none makes the session last. */
static void upstream_has_its_time_between_two_answers(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	assert_int_equal(0, fake_upstream_deadline(fake));
	fake_client_says(fake, "c NOOP\r\n");
	assert_int_equal(IMAP_UPSTREAM_WAIT, fake_upstream_deadline(fake));
	assert_int_equal(0, fake_client_deadline(fake));
	fake_time_passes(fake, IMAP_UPSTREAM_WAIT - 1);
	assert_true(fake_client_open(fake));
	fake_time_passes(fake, 1);
	has(fake_to_client(fake), "* BYE upstream provider: ");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void a_client_that_takes_nothing_of_a_message_is_cut_off(void **state)
{
	char *text = text_of("Subject: x\r\n\r\n", 900 * 1000);
	struct fake *fake = fetching("c FETCH 1 (UID BODY.PEEK[])\r\n", CLEAR("1", "7"));

	(void)state;
	(void)fake_to_client(fake);
	fake_client_stalls(fake);
	upstream_says_big(fake, "* 1 FETCH (UID 7 BODY[]", text, ")\r\nL5 OK x\r\n");
	assert_int_equal(0, fake_upstream_deadline(fake));	/* it is not to blame */
	assert_int_equal(IMAP_UPSTREAM_WAIT, fake_client_deadline(fake));
	fake_time_passes(fake, IMAP_UPSTREAM_WAIT);
	assert_true(fake_session_over(fake));
	assert_false(fake_upstream_open(fake));
	free(text);
	fake_free(fake);
}

static void a_client_that_leaves_in_a_message_ends_both_legs(void **state)
{
	struct fake *fake = fetching("c FETCH 1 (UID BODY.PEEK[])\r\n", CLEAR("1", "7"));

	(void)state;
	fake_upstream_says(fake, "* 1 FETCH (UID 7 BODY[] {1000}\r\nhalf");
	fake_client_leaves(fake);
	assert_false(fake_upstream_open(fake));
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_session_of_clear_mail_passes_as_it_is),
		cmocka_unit_test(a_literal_that_stops_ends_the_session_without_a_word),
		cmocka_unit_test(a_literal_that_the_client_has_not_seen_ends_in_a_bye),
		cmocka_unit_test(half_a_stored_message_is_not_opened),
		cmocka_unit_test(upstream_has_its_time_between_two_answers),
		cmocka_unit_test(a_client_that_takes_nothing_of_a_message_is_cut_off),
		cmocka_unit_test(a_client_that_leaves_in_a_message_ends_both_legs),
	};

	return cmocka_run_group_tests_name("imap_broken", tests, NULL, NULL);
}
