#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proxy/engine/imap_search_keys.h"
#include "tests/session/imap_talk.h"

/* Policy is asked what has that in its text. */
static void asked_for(struct fake *fake, enum ask_find find, const char *text)
{
	const struct ask *ask = fake_question(fake);

	assert_non_null(ask);
	assert_int_equal(ASK_FIND, ask->kind);
	is(ask->envelope.login, "alice");
	is(ask->place.upstream, "provider");
	is(ask->place.mailbox, "INBOX");
	assert_int_equal(77, ask->place.uidvalidity);
	assert_int_equal(find, ask->find);
	is(ask->find_text, text);
}

static void sets_come(struct fake *fake, const char *sets)
{
	fake_policy_shows(fake, ANSWER_FOUND, span_str(sets), span_str(""));
}

static void keys_are_asked_one_by_one_and_the_program_said_anew(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c UID SEARCH UNSEEN OR SUBJECT a BODY {3}\r\n");
	is(fake_to_client(fake), "+ OK\r\n");
	fake_client_says(fake, "b c\r\n");
	is(fake_to_upstream(fake), "");
	asked_for(fake, FIND_HEADER, "a");
	is(fake_question(fake)->find_field, "Subject");
	sets_come(fake, "1:3,7\n7\n");
	is(fake_to_upstream(fake), "");
	asked_for(fake, FIND_BODY, "b c");
	sets_come(fake, "1:3,7\n\n");
	is(fake_to_upstream(fake), "L4 UID SEARCH UNSEEN OR (OR (NOT UID 1:3,7 SUBJECT a) "
	   "UID 7) (NOT UID 1:3,7 BODY {3}\r\n");
	fake_upstream_says(fake, "+ go\r\n");
	is(fake_to_upstream(fake), "b c)\r\n");
	fake_upstream_says(fake, "* SEARCH 7 9\r\nL4 OK done\r\n");
	is(fake_to_client(fake), "* SEARCH 7 9\r\nc OK done\r\n");
	fake_free(fake);
}

static void what_looks_into_nothing_passes(void **state)
{
	static const struct {
		const char *said, *passed, *answer;
	} cases[] = {
		{ "SEARCH 1:* UNDELETED", "SEARCH 1:* UNDELETED", "* SEARCH 2" },
		{ "SEARCH RETURN (MIN) ALL", "SEARCH RETURN (MIN) ALL",
		  "* ESEARCH (TAG \"L4\") MIN 2" },
		{ "SORT (DATE) UTF-8 ALL", "SORT (DATE) UTF-8 ALL", "* SORT 2 1" },
		{ "UID THREAD REFERENCES UTF-8 ALL", "UID THREAD REFERENCES UTF-8 ALL",
		  "* THREAD (2)(3)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = selected("");
		char line[200];

		(void)snprintf(line, sizeof(line), "c %s\r\n", cases[i].said);
		fake_client_says(fake, line);
		(void)snprintf(line, sizeof(line), "L4 %s\r\n", cases[i].passed);
		is(fake_to_upstream(fake), line);
		(void)snprintf(line, sizeof(line), "%s\r\nL4 OK x\r\n", cases[i].answer);
		fake_upstream_says(fake, line);
		has(fake_to_client(fake), "c OK x\r\n");
		assert_int_equal(0, fake_asked(fake, ASK_FIND));
		fake_free(fake);
	}
}

/* The tag in it is the client's: by that it knows its answer (RFC 4731 3.1). */
static void an_answer_bears_the_tag_of_the_client(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "tag7 SEARCH RETURN (ALL) SUBJECT a\r\n");
	sets_come(fake, "\n\n");
	is(fake_to_upstream(fake), "L4 SEARCH RETURN (ALL) SUBJECT a\r\n");
	fake_upstream_says(fake, "* ESEARCH (TAG \"L4\") UID ALL 1:3\r\n"
			   "* ESEARCH (TAG \"L3\") ALL 1\r\nL4 OK x\r\n");
	is(fake_to_client(fake), "* ESEARCH (TAG \"tag7\") UID ALL 1:3\r\n"
	   "* ESEARCH (TAG \"L3\") ALL 1\r\ntag7 OK x\r\n");
	fake_free(fake);
}

static void what_cannot_be_looked_for_is_refused(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c SEARCH NO-SUCH x\r\nd SEARCH CHARSET KOI8-R BODY x\r\n"
			 "e SEARCH BODY {2+}\r\na\t\r\nf SEARCH HEADER {2+}\r\na\t x\r\n");
	is(fake_to_client(fake), "c BAD this cannot be searched for here\r\n"
	   "d NO [BADCHARSET (US-ASCII UTF-8)] search in UTF-8\r\n"
	   "e NO [CANNOT] this cannot be searched for here\r\n"
	   "f NO [CANNOT] this cannot be searched for here\r\n");
	is(fake_to_upstream(fake), "");
	assert_int_equal(0, fake_asked(fake, ASK_FIND));
	fake_free(fake);
}

static void an_answer_that_does_not_fit_is_not_said_upstream(void **state)
{
	static const char *const cases[] = {
		"1:3\n", "1:3\n7", "1:3\n7\n\n", "1 ALL\n7\n", "*\n7\n", "", "1\n7)\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = selected("");

		fake_client_says(fake, "c SEARCH BODY x\r\n");
		sets_come(fake, cases[i]);
		is(fake_to_client(fake), "c NO [UNAVAILABLE] opened messages cannot be "
		   "searched now\r\n");
		is(fake_to_upstream(fake), "");
		fake_free(fake);
	}
}

static void without_policy_nothing_is_found_and_the_session_goes_on(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c SEARCH BODY x\r\n");
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "c NO [UNAVAILABLE] ");
	fake_client_says(fake, "d SEARCH BODY x\r\n");
	fake_policy_says(fake, ANSWER_REFUSED, 451, "4.3.0", "not now");
	has(fake_to_client(fake), "d NO [UNAVAILABLE] ");
	fake_client_says(fake, "e NOOP\r\n");
	is(fake_to_upstream(fake), "L4 NOOP\r\n");
	fake_free(fake);
}

static void a_client_that_leaves_is_not_waited_for(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c SEARCH BODY x\r\n");
	assert_non_null(fake_question(fake));
	fake_client_leaves(fake);
	assert_null(fake_question(fake));
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

/* `n` times `piece`, between `begin` and `end`. */
static void client_says_often(struct fake *fake, const char *begin, const char *piece,
			      size_t n, const char *end)
{
	struct buf text;
	char *all;

	buf_init(&text, 1 << 20);
	(void)buf_puts(&text, begin);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(0, buf_puts(&text, piece));
	(void)buf_puts(&text, end);
	all = buf_take_string(&text);
	fake_client_says(fake, all);
	free(all);
	buf_free(&text);
}

static void what_is_too_long_is_refused(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	client_says_often(fake, "c SEARCH", " NOT", IMAP_SEARCH_DEPTH_MAX, " SEEN\r\n");
	has(fake_to_client(fake), "c BAD ");
	client_says_often(fake, "c SEARCH", " FROM a", IMAP_SEARCH_KEYS_MAX + 1, "\r\n");
	has(fake_to_client(fake), "c BAD ");
	client_says_often(fake, "c SEARCH TEXT ", "0123456789", 401, "\r\n");
	has(fake_to_client(fake), "c NO [CANNOT]");
	client_says_often(fake, "c SEARCH HEADER ", "0123456789", 401, " x\r\n");
	has(fake_to_client(fake), "c NO [CANNOT]");
	assert_int_equal(0, fake_asked(fake, ASK_FIND));
	/* the longest that goes */
	client_says_often(fake, "c SEARCH TEXT ", "0123456789", 400, "\r\n");
	assert_int_equal(1, fake_asked(fake, ASK_FIND));
	fake_policy_is_silent(fake);
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void too_many_views_to_name_are_refused(void **state)
{
	struct fake *fake = selected("");
	struct buf sets;
	char *text;

	(void)state;
	buf_init(&sets, 1 << 20);
	for (unsigned uid = 1; uid < 100 * 1000; uid += 2)
		assert_int_equal(0, buf_printf(&sets, "%s%u", uid > 1 ? "," : "", uid));
	assert_int_equal(0, buf_puts(&sets, "\n\n"));
	text = buf_take_string(&sets);
	fake_client_says(fake, "c SEARCH FROM a\r\n");
	sets_come(fake, text);
	has(fake_to_upstream(fake), "L4 SEARCH (NOT UID 1,3,5,");
	fake_upstream_says(fake, "L4 OK x\r\n");
	is(fake_to_client(fake), "c OK x\r\n");
	fake_client_says(fake, "c SEARCH FROM a FROM b FROM c\r\n");
	sets_come(fake, text);
	sets_come(fake, text);
	sets_come(fake, text);
	is(fake_to_client(fake), "c NO [LIMIT] too many messages to search in\r\n");
	/* upstream may take less than that, and says so in its way */
	fake_client_says(fake, "d SEARCH FROM a\r\n");
	sets_come(fake, text);
	has(fake_to_upstream(fake), "L5 SEARCH (NOT UID 1,3,5,");
	fake_upstream_says(fake, "L5 BAD too long a command\r\n");
	is(fake_to_client(fake), "d NO [LIMIT] too many messages to search in\r\n");
	fake_client_says(fake, "e SEARCH FROM a SINCE x\r\n");
	sets_come(fake, "1\n1\n");
	has(fake_to_upstream(fake), "L6 SEARCH (OR (NOT UID 1 FROM a) UID 1) SINCE x\r\n");
	fake_upstream_says(fake, "L6 BAD no date\r\n");
	is(fake_to_client(fake), "e BAD no date\r\n");
	is(fake_to_upstream(fake), "");
	free(text);
	buf_free(&sets);
	fake_free(fake);
}

static void without_uidvalidity_the_place_is_the_sessions_own(void **state)
{
	struct fake *fake = logged_in("");

	(void)state;
	fake_client_says(fake, "b EXAMINE x\r\n");
	fake_upstream_says(fake, "* 3 EXISTS\r\nL3 OK in\r\n");
	fake_client_says(fake, "c SEARCH FROM a\r\n");
	assert_int_equal(0, fake_question(fake)->place.uidvalidity);
	has(fake_question(fake)->place.mailbox, "x of session ");
	fake_policy_is_silent(fake);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_asked_one_by_one_and_the_program_said_anew),
		cmocka_unit_test(what_looks_into_nothing_passes),
		cmocka_unit_test(an_answer_bears_the_tag_of_the_client),
		cmocka_unit_test(what_cannot_be_looked_for_is_refused),
		cmocka_unit_test(an_answer_that_does_not_fit_is_not_said_upstream),
		cmocka_unit_test(without_policy_nothing_is_found_and_the_session_goes_on),
		cmocka_unit_test(a_client_that_leaves_is_not_waited_for),
		cmocka_unit_test(what_is_too_long_is_refused),
		cmocka_unit_test(too_many_views_to_name_are_refused),
		cmocka_unit_test(without_uidvalidity_the_place_is_the_sessions_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
