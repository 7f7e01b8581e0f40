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

/* What is said until a session stands where it stands: "C: " by the client, "U: " by
 * upstream, "R" when that is connected. */
#define GREETED "R", "U: * OK [CAPABILITY IMAP4rev1 IDLE AUTH=LOGIN] hi\r\n"
#define LOGGED_IN GREETED, "C: a LOGIN alice x\r\n", "U: L1 OK [CAPABILITY IMAP4rev1 IDLE] in\r\n"
#define IN_INBOX LOGGED_IN, "C: b SELECT x\r\n", "U: * 3 EXISTS\r\nL2 OK in\r\n"

static const struct {
	const char *steps[12];
} places[] = {
	{ { "" } },
	{ { "R" } },
	{ { "R", "U: * OK hi\r\n" } },
	{ { GREETED } },
	{ { GREETED, "C: a LOG" } },
	{ { GREETED, "C: a LOGIN alice {3}\r\nse" } },
	{ { GREETED, "C: a LOGIN alice x\r\n" } },
	{ { GREETED, "C: a LOGIN {2+}\r\n\xc3\xa4 x\r\n" } },
	{ { GREETED, "C: a LOGIN alice x\r\n", "U: L1 OK in\r\n" } },
	{ { GREETED, "C: a AUTHENTICATE LOGIN\r\n" } },
	{ { GREETED, "C: a AUTHENTICATE LOGIN\r\n", "U: + \r\n" } },
	{ { GREETED, "C: a AUTHENTICATE LOGIN\r\n", "U: + \r\n", "C: YQ==\r\n" } },
	{ { GREETED, "C: a AUTHENTICATE LOGIN\r\n", "U: + \r\n", "C: *\r\n" } },
	{ { LOGGED_IN } },
	{ { LOGGED_IN, "C: b SELECT x\r\n" } },
	{ { LOGGED_IN, "C: b SELECT x\r\n", "U: * 3 EXISTS\r\n" } },
	{ { LOGGED_IN, "C: b IDLE\r\n" } },
	{ { LOGGED_IN, "C: b IDLE\r\n", "U: + \r\n" } },
	{ { LOGGED_IN, "C: b IDLE\r\n", "U: + \r\n", "C: DONE\r\n" } },
	{ { LOGGED_IN, "C: b APPEND x {5}\r\nhe" } },
	{ { IN_INBOX } },
	{ { IN_INBOX, "C: c SEARCH FROM a\r\n" } },
	{ { IN_INBOX, "C: c FETCH 1 BODY[]\r\n" } },
	{ { IN_INBOX, "C: c FETCH 1 FLAGS\r\n", "U: * 1 FETCH (FLAGS (" } },
	{ { IN_INBOX, "C: c FETCH 2 BODY[]\r\n", "U: " SEALED("2", "8") "L3 OK x\r\n" } },
};

static struct fake *standing(const char *const steps[12])
{
	static const struct fake_options options = { .protocol = PROTOCOL_IMAP,
						     .upstream_tls = UPSTREAM_NONE };
	struct fake *fake = fake_new(&options);

	for (size_t i = 0; i < 12 && steps[i]; i++) {
		if (steps[i][0] == 'R')
			fake_upstream_ready(fake);
		else if (steps[i][0] == 'C')
			fake_client_says(fake, steps[i] + 3);
		else if (steps[i][0] == 'U')
			fake_upstream_says(fake, steps[i] + 3);
		assert_false(fake_session_over(fake));
	}
	return fake;
}

static void one_end(struct fake *fake, int way)
{
	if (way == 0)
		fake_client_leaves(fake);
	else if (way == 1)
		fake_upstream_leaves(fake, ERR_NONE, "");
	else if (way == 2)
		fake_upstream_leaves(fake, ERR_PEER, "reset");
	else if (way == 3)
		fake_time_passes(fake, IMAP_IDLE_WAIT);
	else if (fake_upstream_open(fake))
		fake_upstream_says(fake, "\n");
}

/* THREATS 88: whoever leaves, and whenever, both legs are closed, and policy is no
 * longer asked. */
static void wherever_it_ends_both_legs_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		for (int way = 0; way < 5; way++) {
			struct fake *fake = standing(places[i].steps);

			/* policy's own time is the link's to keep */
			if (way == 3 && fake_question(fake))
				fake_policy_is_silent(fake);
			one_end(fake, way);
			if (fake_client_open(fake) || fake_upstream_open(fake) ||
			    !fake_session_over(fake) || fake_question(fake))
				fail_msg("place %zu, way %d", i, way);
			fake_free(fake);
		}
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
		cmocka_unit_test(wherever_it_ends_both_legs_end),
	};

	return cmocka_run_group_tests_name("imap_broken", tests, NULL, NULL);
}
