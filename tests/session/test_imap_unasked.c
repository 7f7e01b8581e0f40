/* What an upstream says that nobody asked it for, and when (THREATS 84). */
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

static void answer_is(struct fake *fake, const char *command, const char *upstream,
		      const char *want)
{
	(void)fake_to_client(fake);
	(void)fake_to_upstream(fake);
	fake_client_says(fake, command);
	if (upstream)
		fake_upstream_says(fake, upstream);
	is(fake_to_client(fake), want);
}

/* Messages 1 and 3 (UIDs 7 and 9) are clear, 2 (UID 8) has a view that was shown;
 * upstream's next tag is L6. */
static struct fake *looked_at(void)
{
	struct fake *fake = fetching("c FETCH 1:3 RFC822.SIZE\r\n",
				     CLEAR("1", "7") SEALED("2", "8") CLEAR("3", "9"));

	fake_upstream_says(fake, "* 1 FETCH (RFC822.SIZE 5)\r\n* 3 FETCH (RFC822.SIZE 6)\r\n"
			   "L5 OK x\r\n");
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	is(fake_to_client(fake), "* 1 FETCH (RFC822.SIZE 5)\r\n* 3 FETCH (RFC822.SIZE 6)\r\n"
	   "* 2 FETCH (RFC822.SIZE 47)\r\nc OK done\r\n");
	(void)fake_to_upstream(fake);
	return fake;
}

static void without_a_mailbox_nothing_is_told_of_one(void **state)
{
	static const char unasked[] = "* 3 EXISTS\r\n* 0 RECENT\r\n* 1 EXPUNGE\r\n"
				      "* 1 FETCH (FLAGS ())\r\n";
	struct fake *fake = logged_in("");

	(void)state;
	fake_upstream_says(fake, unasked);
	is(fake_to_client(fake), "");
	fake_free(fake);
	fake = selected("");
	fake_upstream_says(fake, unasked);
	is(fake_to_client(fake), unasked);
	answer_is(fake, "d CLOSE\r\n", "L4 OK x\r\n", "d OK x\r\n");
	fake_upstream_says(fake, unasked);
	is(fake_to_client(fake), "");
	fake_free(fake);
}

/* What is told by its first words passes at any length: not to nobody. */
static void before_login_nothing_passes_at_any_length(void **state)
{
	static const struct fake_options plain = { .protocol = PROTOCOL_IMAP,
						   .upstream_tls = UPSTREAM_NONE };
	struct fake *fake = greeted(&plain, "");
	char *large = text_of("", 300 * 1000);

	(void)state;
	(void)fake_to_client(fake);
	upstream_says_big(fake, "* LIST () \"/\"", large, "\r\n");
	is(fake_to_client(fake), "");
	fake_client_says(fake, "a NOOP\r\n");
	is(fake_to_client(fake), "a OK done\r\n");
	fake_free(fake);
	free(large);
}

static void what_is_no_number_of_a_message_moves_none(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	fake_upstream_says(fake, "* 4294967297 EXPUNGE\r\n* 4294967300 EXISTS\r\n"
			   "* 4294967297 FETCH (FLAGS ())\r\n* -1 EXPUNGE\r\n* 1x EXPUNGE\r\n"
			   "*  1 EXPUNGE\r\n* EXPUNGE\r\n* 1 EXPUNGE 2\r\n");
	is(fake_to_client(fake), "");
	fake_client_says(fake, "d FETCH 1,* BODY.PEEK[TEXT]\r\n");
	is(fake_to_upstream(fake), "L6 FETCH 1,3 BODY.PEEK[TEXT]\r\n");
	fake_free(fake);
}

/* Flags, UIDs and MODSEQ: in the form that they have, and nothing behind. */
static void of_a_fetch_that_nobody_asked_for_flags_pass(void **state)
{
	static const struct {
		const char *items;
		bool passes;
	} cases[] = {
		{ "(FLAGS (a $b \\Seen))", true }, { "(UID 7 MODSEQ (9) FLAGS ())", true },
		{ "()", true }, { "", false }, { "(FLAGS ())) BODY[] (", false },
		{ "(FLAGS ()) BODY[] x", false }, { "(FLAGS ()) (X y)", false },
		{ "(FLAGS (\"x\"))", false }, { "(UID \"7\")", false },
		{ "(FLAGS ({1}\r\nx))", false }, { "(FLAGS () RFC822.SIZE 5)", false },
		{ "(FLAGS UID BODY[])", false }, { "(FLAGS ()", false },
		{ "(FLAGS (UID 7)", false }, { "(UID 7 BODY[] x)", false },
		{ "(FLAGS () \"X\")", false },
	};
	struct fake *fake = selected("");

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *said = mem_printf("* 1 FETCH %s\r\n", cases[i].items);

		fake_upstream_says(fake, said);
		is(fake_to_client(fake), cases[i].passes ? said : "");
		free(said);
	}
	fake_free(fake);
}

/* `*` is the last one that is left, and never one below none. */
static void the_last_one_is_known(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	fake_upstream_says(fake, "* 2 EXPUNGE\r\n");
	is(fake_to_client(fake), "* 2 EXPUNGE\r\n");
	fake_client_says(fake, "d FETCH 1:* BODY.PEEK[TEXT]\r\n");
	is(fake_to_upstream(fake), "L6 FETCH 1:2 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "L6 OK x\r\n* 4 EXISTS\r\n");
	fake_client_says(fake, "e FETCH * BODY.PEEK[TEXT]\r\n");
	is(fake_to_upstream(fake), "L7 FETCH * (UID)\r\n");
	fake_upstream_says(fake, "L7 OK x\r\n* 0 EXISTS\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n"
			   "* 1 EXPUNGE\r\n");
	fake_client_says(fake, "f FETCH * BODY.PEEK[TEXT]\r\n");
	has(fake_to_upstream(fake), "L8 FETCH ");
	fake_upstream_says(fake, "L8 OK x\r\n");
	fake_free(fake);
}

/* What is a message's number now was another's, which passed without a look. */
static void a_number_that_has_moved_shows_nothing_unlooked_at(void **state)
{
	static const char *const moves[] = { "* 1 EXPUNGE\r\n", "* VANISHED 7\r\n" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fake *fake = logged_in("ENABLE CONDSTORE QRESYNC");

		answer_is(fake, "b ENABLE QRESYNC\r\n", "* ENABLED QRESYNC\r\nL3 OK x\r\n",
			  "* ENABLED QRESYNC\r\nb OK x\r\n");
		answer_is(fake, "b SELECT INBOX\r\n",
			  "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\nL4 OK x\r\n",
			  "* 3 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\nb OK x\r\n");
		fake_client_says(fake, "c FETCH 1:2 BODY.PEEK[TEXT]\r\n");
		fake_upstream_says(fake, CLEAR("1", "7") SEALED("2", "8") "L5 OK x\r\n");
		fake_upstream_says(fake, "* 1 FETCH (BODY[TEXT] \"x\")\r\nL6 OK x\r\n");
		fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
		has(fake_to_client(fake), "* 2 FETCH (BODY[TEXT] {7}\r\nhello\r\n)\r\nc OK ");
		fake_upstream_says(fake, moves[i]);
		is(fake_to_client(fake), moves[i]);
		(void)fake_to_upstream(fake);
		fake_client_says(fake, "d FETCH 1 BODY.PEEK[TEXT]\r\n");
		is(fake_to_upstream(fake), "L7 FETCH 1 (UID)\r\n");
		fake_upstream_says(fake, "* 1 FETCH (UID 8)\r\nL7 OK x\r\n");
		names_are(fake, ASK_VIEW, "8", 1);
		fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
		is(fake_to_client(fake),
		   "* 1 FETCH (BODY[TEXT] {7}\r\nhello\r\n)\r\nd OK done\r\n");
		fake_free(fake);
	}
}

/* What the client expunges is told of by the number that it has by then. */
static void who_was_expunged_is_known_by_its_number_of_then(void **state)
{
	static const struct {
		const char *before, *during;
		unsigned gone;
	} cases[] = {
		{ "", "* 2 EXPUNGE\r\n", 1 },
		{ "* 1 EXPUNGE\r\n", "* 1 EXPUNGE\r\n", 1 },
		{ "* 1 EXPUNGE\r\n", "* 2 EXPUNGE\r\n", 0 },
		{ "* 3 EXPUNGE\r\n", "* 2 EXPUNGE\r\n", 1 },
		{ "* 2 EXPUNGE\r\n", "* 1 EXPUNGE\r\n* 2 EXPUNGE\r\n", 0 },
		{ "", "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n", 1 },
		{ "", "* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = looked_at();
		char *last = mem_printf("%sL6 OK x\r\n", cases[i].during);

		fake_upstream_says(fake, cases[i].before);
		fake_client_says(fake, "d EXPUNGE\r\n");
		fake_upstream_says(fake, last);
		assert_int_equal(fake_asked(fake, ASK_GONE), cases[i].gone);
		/* what comes behind it is somebody else's doing */
		fake_upstream_says(fake, "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n");
		fake_client_says(fake, "e NOOP\r\n");
		fake_upstream_says(fake, "L7 OK x\r\n");
		assert_int_equal(fake_asked(fake, ASK_GONE), cases[i].gone);
		free(last);
		fake_free(fake);
	}
}

static void put_entries(struct fake *fake, const enum shape_kind *kinds, size_t n)
{
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	for (size_t i = 0; i < n; i++) {
		struct shape_entry entry = { .kind = kinds[i] };

		if (kinds[i] == SHAPE_VIEW)
			fake_text_entry(VIEW, &entries);
		else
			assert_int_equal(0, shape_entry_encode(&entry, &entries));
	}
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
}

/* The next one that nobody has opened is fetched, and opened as that one alone. */
static void what_was_fetched_ahead_is_of_its_own_message(void **state)
{
	static const enum shape_kind kinds[] = { SHAPE_UNKNOWN, SHAPE_VIEW, SHAPE_UNKNOWN };
	struct fake *fake = fetching("c UID FETCH 7:9 BODY.PEEK[TEXT]\r\n",
				     SEALED("1", "7") SEALED("2", "8") SEALED("3", "9"));

	(void)state;
	put_entries(fake, kinds, 3);
	is(fake_to_upstream(fake), "L5 UID FETCH 7 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 BODY[] \"7\")\r\nL5 OK x\r\n");
	is(fake_to_upstream(fake), "L6 UID FETCH 9 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 3 FETCH (UID 9 BODY[] \"9\")\r\nL6 OK x\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	/* policy has forgotten meanwhile what 8 looked like */
	names_are(fake, ASK_VIEW, "8", 1);
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	is(fake_to_upstream(fake), "L7 UID FETCH 8 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8 BODY[] \"8\")\r\nL7 OK x\r\n");
	names_are(fake, ASK_OPEN, "8", 1);
	is(fake_question_bytes(fake), "8");
	fake_free(fake);
}

/* Of what a client asks, flags too: what is not told is not made up. */
static void flags_that_are_not_told_are_not_made_up(void **state)
{
	struct fake *fake = fetching("c UID FETCH 8 (FLAGS RFC822.SIZE)\r\n", SEALED("2", "8"));
	char *flags = text_of("", 17 * 1000), *said;

	(void)state;
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	is(fake_to_upstream(fake), "L5 UID FETCH 8 (UID FLAGS)\r\n");
	/* what is told of others meanwhile is told to the client */
	fake_upstream_says(fake, "* 1 FETCH (FLAGS (other))\r\n* 3 FETCH (UID 9 FLAGS ())\r\n"
			   "L5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (FLAGS (other))\r\n* 3 FETCH (UID 9 FLAGS ())\r\n"
	   "c NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	/* nor are they relayed whatever they are */
	for (char *c = flags; *c; c++)
		*c = *c < ' ' ? 'x' : *c;
	for (int i = 0; i < 2; i++) {
		fake_client_says(fake, "d UID FETCH 8 (FLAGS RFC822.SIZE)\r\n");
		fake_upstream_says(fake, i ? "* 2 FETCH (UID 8)\r\nL8 OK x\r\n"
					   : "* 2 FETCH (UID 8)\r\nL6 OK x\r\n");
		fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
		said = mem_printf("* 2 FETCH (UID 8 FLAGS (%s))\r\nL%d OK x\r\n",
				  i ? "a\x01" "b" : flags, i ? 9 : 7);
		fake_upstream_says(fake, said);
		is(fake_to_client(fake), "* 2 FETCH (UID 8 RFC822.SIZE 47)\r\nd OK done\r\n");
		free(said);
	}
	free(flags);
	fake_free(fake);
}

/* While messages are looked at first, what changes is told, and what was not asked for
 * is not. */
static void beside_a_look_what_changes_is_told(void **state)
{
	static const char changes[] = "* 1 FETCH (UID 7 FLAGS (a))\r\n* 1 FETCH (MODSEQ (3))\r\n"
				      "* 3 FETCH (FLAGS ())\r\n* 3 FETCH ()\r\n";
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c FETCH 3 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, changes);
	is(fake_to_client(fake), changes);
	fake_upstream_says(fake, CLEAR("3", "9") "L4 OK x\r\n");
	fake_upstream_says(fake, "* 3 FETCH (BODY[TEXT] \"x\")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 3 FETCH (BODY[TEXT] \"x\")\r\nc OK x\r\n");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "d FETCH 1 BODY.PEEK[TEXT]\r\n");
	has(fake_to_upstream(fake), "L6 FETCH 1 ");
	fake_upstream_says(fake, CLEAR("1", "7") "L6 OK x\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 1 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "* 3 FETCH (BODY[TEXT] \"x\")\r\n* 1 FETCH (BODY[TEXT] \"y\")\r\n"
			   "L7 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[TEXT] \"y\")\r\nd OK x\r\n");
	fake_free(fake);
}

/* An end in the midst of what is relayed has no words, which would be taken for more
 * of it; behind it, it has. */
static void in_the_midst_of_a_response_there_are_no_last_words(void **state)
{
	struct fake *fake = selected("");
	char *large = mem_printf("* LIST () \"/\" {400000}\r\n%300000s", "x");

	(void)state;
	fake_client_says(fake, "c LIST \"\" *\r\n");
	for (size_t at = 0; at < strlen(large); at += 40 * 1000)
		fake_upstream_sends(fake, span_of(large + at, strlen(large) - at < 40 * 1000
							      ? strlen(large) - at : 40 * 1000));
	has(fake_to_client(fake), "* LIST () \"/\" {400000}\r\n");
	fake_upstream_leaves(fake, ERR_NONE, "");
	is(fake_to_client(fake), "");
	assert_true(fake_session_over(fake));
	fake_free(fake);
	free(large);
	fake = fetching("c FETCH 2 BODY.PEEK[]\r\n", SEALED("2", "8"));
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "c OK done\r\n");
	fake_upstream_leaves(fake, ERR_NONE, "");
	is(fake_to_client(fake), "* BYE upstream provider: closed the connection\r\n");
	fake_free(fake);
}

/* Of a large response a part alone has come: what we say stands behind it, not in it,
 * where upstream's rest would be taken for responses. */
static void in_the_midst_of_a_response_no_command_is_answered(void **state)
{
	struct fake *fake = selected("");
	char *begin = mem_printf("* LIST () \"/\" {200000}\r\n%150000s", "x");
	char *end = mem_printf("%50000s\r\n", "y");

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		fake_upstream_says(fake, begin);
		is(fake_to_client(fake), begin);
		assert_int_equal(fake_upstream_deadline(fake), IMAP_UPSTREAM_WAIT);
		fake_client_says(fake, i ? "d APPEND x {3}\r\n" : "c CAPABILITY\r\nd BLAH\r\n");
		is(fake_to_client(fake), "");
		fake_upstream_says(fake, end);
		assert_memory_equal(fake_to_client(fake), end, 50002);
		assert_int_equal(fake_upstream_deadline(fake), 0);
	}
	fake_free(fake);
	free(begin);
	free(end);
}

/* ... nor the message that policy is asked about meanwhile. */
static void before_an_answer_of_ours_no_large_response_begins(void **state)
{
	struct fake *fake = fetching("c UID FETCH 8 BODY.PEEK[]\r\n", SEALED("2", "8"));
	char *large = mem_printf("* LIST () \"/\" {200000}\r\n%150000s", "x");

	(void)state;
	fake_upstream_says(fake, large);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 2 FETCH (UID 8 BODY[] {47}\r\n" VIEW ")\r\nc OK done\r\n");
	fake_free(fake);
	free(large);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_mailbox_nothing_is_told_of_one),
		cmocka_unit_test(before_login_nothing_passes_at_any_length),
		cmocka_unit_test(what_is_no_number_of_a_message_moves_none),
		cmocka_unit_test(of_a_fetch_that_nobody_asked_for_flags_pass),
		cmocka_unit_test(the_last_one_is_known),
		cmocka_unit_test(a_number_that_has_moved_shows_nothing_unlooked_at),
		cmocka_unit_test(who_was_expunged_is_known_by_its_number_of_then),
		cmocka_unit_test(what_was_fetched_ahead_is_of_its_own_message),
		cmocka_unit_test(flags_that_are_not_told_are_not_made_up),
		cmocka_unit_test(beside_a_look_what_changes_is_told),
		cmocka_unit_test(in_the_midst_of_a_response_there_are_no_last_words),
		cmocka_unit_test(in_the_midst_of_a_response_no_command_is_answered),
		cmocka_unit_test(before_an_answer_of_ours_no_large_response_begins),
	};

	return cmocka_run_group_tests_name("imap_unasked", tests, NULL, NULL);
}
