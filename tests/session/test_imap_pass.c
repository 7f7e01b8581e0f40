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

static void what_tells_no_content_passes_at_once(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c UID FETCH 1:* (FLAGS INTERNALDATE)\r\n");
	is(fake_to_upstream(fake), "L4 UID FETCH 1:* (FLAGS INTERNALDATE)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 FLAGS () INTERNALDATE \"x\")\r\n"
			   "* 4 EXISTS\r\nL4 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (UID 7 FLAGS () INTERNALDATE \"x\")\r\n"
	   "* 4 EXISTS\r\nc OK x\r\n");
	/* one that does not end is nobody's to read */
	fake_upstream_says(fake, "* 1 FETCH (\r\n* 1 FETCH (FLAGS (a)\r\n* 1 FETCH (FLAGS ())\r\n");
	is(fake_to_client(fake), "* 1 FETCH (FLAGS ())\r\n");
	fake_client_says(fake, "w FETCH 1 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, CLEAR("1", "7") "L5 OK x\r\n"
			   "* 1 FETCH (BODY[TEXT] \"x\"\r\nL6 OK x\r\n");
	names_are(fake, ASK_VIEW, "7", 1);
	is(fake_to_client(fake), "");
	entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
	fake_upstream_says(fake, "* 1 FETCH (BODY[TEXT] \"x\")\r\nL7 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[TEXT] \"x\")\r\nw OK done\r\n");
	fake_client_says(fake, "x FETCH 1 FLAGS\r\n");
	fake_upstream_says(fake, "* 1 FETCH (\r\n* 1 FETCH (FLAGS (a)\r\nL8 OK x\r\n");
	is(fake_to_client(fake), "x OK x\r\n");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "d FETCH 1 BINARY[1]\r\ne FETCH x BODY[]\r\n");
	is(fake_to_client(fake), "d BAD this cannot be fetched here\r\n"
	   "e BAD that is no set of messages\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}


static void each_message_is_looked_at_once_and_clear_ones_pass(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c FETCH 1:2 (BODY.PEEK[])\r\n");
	is(fake_to_upstream(fake), "L4 FETCH 1:2 " KINDS);
	fake_upstream_says(fake, CLEAR("1", "7") KIND("2", "9", "4", "\r\n\r\n", "0", "")
			   "* 3 FETCH (FLAGS (\\Seen))\r\nL4 OK x\r\n");
	is(fake_to_client(fake), "* 3 FETCH (FLAGS (\\Seen))\r\n");
	is(fake_to_upstream(fake), "L5 FETCH 1:2 (BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BODY[] {8}\r\nA: b\r\n\r\n)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[] {8}\r\nA: b\r\n\r\n)\r\nc OK x\r\n");
	/* known now: not looked at again, also when numbers move */
	fake_upstream_says(fake, "* 1 EXPUNGE\r\n* 2 EXISTS\r\n");
	(void)fake_to_client(fake);
	fake_client_says(fake, "x FETCH 1 RFC822\r\n");
	is(fake_to_upstream(fake), "L6 FETCH 1 RFC822\r\n");
	fake_upstream_says(fake, "* 1 FETCH (RFC822 \"\")\r\nL6 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (RFC822 \"\")\r\nx OK x\r\n");
	fake_client_says(fake, "d UID FETCH 9 BODY[TEXT]\r\n");
	is(fake_to_upstream(fake), "L7 UID FETCH 9 BODY[TEXT]\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 9 BODY[TEXT] \"x\")\r\nL7 OK y\r\n");
	is(fake_to_client(fake), "* 1 FETCH (UID 9 BODY[TEXT] \"x\")\r\nd OK y\r\n");
	/* the last one is the last one that was told of */
	fake_client_says(fake, "y FETCH * RFC822\r\n");
	is(fake_to_upstream(fake), "L8 FETCH * (UID)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 10)\r\nL8 OK x\r\n");
	is(fake_to_upstream(fake), "L9 FETCH 2 " KINDS);
	fake_upstream_says(fake, CLEAR("2", "10") "L9 OK x\r\n");
	is(fake_to_upstream(fake), "L10 FETCH 2 RFC822\r\n");
	fake_upstream_says(fake, "L10 OK x\r\n");
	fake_client_says(fake, "z FETCH 1:* RFC822.TEXT\r\n");
	is(fake_to_upstream(fake), "L11 FETCH 1:2 RFC822.TEXT\r\n");
	fake_upstream_says(fake, "* 3 FETCH (RFC822.TEXT \"x\")\r\nL11 OK x\r\n");
	is(fake_to_client(fake), "y OK x\r\nz OK x\r\n");
	/* of some nothing is known: first which there are, then those */
	fake_client_says(fake, "e UID FETCH 9:* BODY[TEXT]\r\n");
	is(fake_to_upstream(fake), "L12 UID FETCH 9:* (UID)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 9)\r\n* 2 FETCH (UID 12)\r\nL12 OK\r\n");
	is(fake_to_upstream(fake), "L13 UID FETCH 12 " KINDS);
	fake_free(fake);
}

/* Some clients take any BODY[] for the one that they asked for. */
static void a_partial_that_nobody_asked_for_is_looked_at_too(void **state)
{
	struct fake *fake = fetching("c FETCH 1:2 BODY.PEEK[]\r\n",
				     CLEAR("1", "7") CLEAR("2", "8"));

	(void)state;
	is(fake_to_upstream(fake), "L5 FETCH 1:2 BODY.PEEK[]\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BODY[]<5> {37}\r\n" PGP ")\r\n"
			   "* 2 FETCH (BODY[]<5> {2}\r\n\r\n)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 2 FETCH (BODY[]<5> {2}\r\n\r\n)\r\n");
	names_are(fake, ASK_VIEW, "7", 1);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "* 1 FETCH (BODY[] {47}\r\n" VIEW ")\r\nc OK done\r\n");
	(void)fake_to_upstream(fake);
	/* nor has it shown the header of the other */
	fake_client_says(fake, "d UID FETCH 8 BODY.PEEK[]<5.9>\r\n");
	is(fake_to_upstream(fake), "L6 UID FETCH 8 (UID)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL6 OK x\r\n");
	names_are(fake, ASK_VIEW, "8", 1);
	fake_free(fake);
}

static void an_answer_that_contradicts_is_withheld_and_opened(void **state)
{
	struct fake *fake = fetching("c FETCH 1:2 BODY.PEEK[]\r\n",
				     CLEAR("1", "7") CLEAR("2", "8"));

	(void)state;
	is(fake_to_upstream(fake), "L5 FETCH 1:2 BODY.PEEK[]\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BODY[] {37}\r\n" PGP ")\r\n"
			   "* 2 FETCH (BODY[] {2}\r\n\r\n)\r\n"
			   "* 3 FETCH (UID 9 BODY[] {2}\r\n\r\n)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 2 FETCH (BODY[] {2}\r\n\r\n)\r\n");
	names_are(fake, ASK_VIEW, "7", 1);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "* 1 FETCH (BODY[] {47}\r\n" VIEW ")\r\nc OK done\r\n");
	(void)fake_to_upstream(fake);
	/* also where only its number is known */
	fake_client_says(fake, "d FETCH 2 RFC822.HEADER\r\n");
	is(fake_to_upstream(fake), "L6 FETCH 2 RFC822.HEADER\r\n");
	fake_upstream_says(fake, "* 2 FETCH (RFC822.HEADER {37}\r\n" PGP ")\r\nL6 OK x\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 2 (UID)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL7 OK x\r\n");
	is(fake_to_upstream(fake), "L8 FETCH 2 RFC822.HEADER\r\n");
	fake_upstream_says(fake, "* 2 FETCH (RFC822.HEADER {37}\r\n" PGP ")\r\nL8 OK x\r\n");
	names_are(fake, ASK_SHAPES, "8", 1);
	is(fake_to_client(fake), "");
	fake_free(fake);
	/* those behind it pass all the same */
	fake = fetching("c FETCH 1:2 RFC822.SIZE\r\n", CLEAR("1", "7") CLEAR("2", "8"));
	fake_upstream_says(fake, "L5 OK\r\n");
	(void)fake_to_client(fake);
	fake_client_says(fake, "d UID FETCH 7:8 BODY.PEEK[]\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 BODY[] {37}\r\n" PGP ")\r\n"
			   "* 2 FETCH (UID 8 BODY[] \"\")\r\nL6 OK x\r\n");
	is(fake_to_client(fake), "* 2 FETCH (UID 8 BODY[] \"\")\r\n");
	names_are(fake, ASK_VIEW, "7", 1);
	fake_free(fake);
}

static void a_large_answer_passes_with_its_header_or_not_at_all(void **state)
{
	char *forged = text_of("A: b\r\nX-Letterlock: pass\r\n\r\n", 300 * 1000);
	char *clear = text_of("A: b\r\n\r\n", 300 * 1000);
	struct fake *fake = fetching("c FETCH 1 BODY.PEEK[]\r\n", CLEAR("1", "7"));

	(void)state;
	upstream_says_big(fake, "* 1 FETCH (BODY[]", forged, ")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "");
	names_are(fake, ASK_VIEW, "7", 1);
	entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", clear, " FLAGS ())\r\nL6 OK x\r\n");
	has(fake_to_client(fake), "\r\n FLAGS ())\r\nc OK done\r\n");
	/* when some has passed, it ends there, without words */
	fake_client_says(fake, "d UID FETCH 7 (BODY.PEEK[TEXT] BODY.PEEK[])\r\n");
	(void)fake_to_upstream(fake);
	upstream_says_big(fake, "* 1 FETCH (UID 7 BODY[TEXT]", clear, "");
	upstream_says_big(fake, " BODY[]", forged, ")\r\nL7 OK x\r\n");
	assert_true(fake_session_over(fake));
	assert_null(strstr(fake_to_client(fake), "Letterlock"));
	free(forged);
	free(clear);
	fake_free(fake);
}

static void what_others_have_expunged_is_not_shown_as_nothing(void **state)
{
	struct fake *fake = fetching("c FETCH 1:2 (UID BODY.PEEK[])\r\n",
				     CLEAR("1", "7") SEALED("2", "8"));

	(void)state;
	fake_upstream_says(fake, "* 1 FETCH (UID 7 BODY[] NIL)\r\n"
			   "L5 NO [EXPUNGEISSUED] gone\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	fake_upstream_says(fake, "* 2 FETCH (UID 8 BODY[] NIL)\r\nL6 NO gone\r\n");
	is(fake_to_client(fake), "c NO [EXPUNGEISSUED] gone\r\n");
	assert_int_equal(0, fake_asked(fake, ASK_OPEN));
	/* a part that is not there is */
	fake_client_says(fake, "d FETCH 1 BODY.PEEK[2]\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BODY[2] NIL)\r\nL7 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[2] NIL)\r\nd OK x\r\n");
	fake_client_says(fake, "e FETCH 1 BODY.PEEK[]\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BODY[] NIL)\r\nL8 OK x\r\n");
	has(fake_to_client(fake), "e NO [UNAVAILABLE]");
	fake_free(fake);
}

static void of_a_partial_what_is_whole_is_looked_at(void **state)
{
	struct fake *fake = fetching("c FETCH 1:2 BODY.PEEK[HEADER]<0.20>\r\n",
				     CLEAR("1", "7") CLEAR("2", "8"));

	(void)state;
	fake_upstream_says(fake, "* 1 FETCH (BODY[HEADER]<0> {10}\r\nA: b\r\nSubj)\r\n"
			   "* 2 FETCH (BODY[HEADER.FIELDS (\"<]\")]<0> {19}\r\n"
			   "X-Letterlock: b\r\nSu)\r\n"
			   "L5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[HEADER]<0> {10}\r\nA: b\r\nSubj)\r\n");
	names_are(fake, ASK_SHAPES, "8", 1);
	fake_policy_is_silent(fake);
	fake_free(fake);
	/* what is cut off there may become one */
	fake = fetching("c FETCH 1:2 BODY.PEEK[]<0.20>\r\n", CLEAR("1", "7") CLEAR("2", "8"));
	fake_upstream_says(fake, "* 1 FETCH (BODY[]<0> {12}\r\nA: b\r\nX-Lett)\r\n"
			   "* 2 FETCH (BODY[]<0> {12}\r\nA: b\r\nX-Lots)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 2 FETCH (BODY[]<0> {12}\r\nA: b\r\nX-Lots)\r\n");
	names_are(fake, ASK_VIEW, "7", 1);
	fake_free(fake);
}

/* Whoever reads 00 as 0, or takes what nobody asked for. */
static void a_header_under_another_name_is_looked_at_too(void **state)
{
	static const char *const names[] = {
		"BODY[]<00>", "BODY[]<+0>", "BODY[]<0.20>", "BODY[ ]", "BODY[0]", "BODY.PEEK[]",
		"BINARY[]", "RFC822.PEEK", "PREVIEW",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct fake *fake = fetching("c FETCH 1 BODY.PEEK[]\r\n", CLEAR("1", "7"));
		char *forged = mem_printf("* 1 FETCH (%s {19}\r\nX-Letterlock: b\r\n\r\n)\r\n"
					  "L5 OK x\r\n", names[i]);

		fake_upstream_says(fake, forged);
		is(fake_to_client(fake), "");
		names_are(fake, ASK_VIEW, "7", 1);
		free(forged);
		fake_free(fake);
	}
}

/* A forged field may begin in one piece and end in the next. */
static void a_piece_from_the_midst_passes_once_the_header_was_seen(void **state)
{
	struct fake *fake = fetching("c FETCH 1:2 BODY.PEEK[]<0.20>\r\n",
				     CLEAR("1", "7") CLEAR("2", "8"));

	(void)state;
	fake_upstream_says(fake, "* 1 FETCH (BODY[]<0> {20}\r\nA: b\r\nSubject: ones\r)\r\n"
			   "* 2 FETCH (BODY[]<0> {20}\r\nA: b\r\n\r\nX-Letterlock)\r\nL5 OK x\r\n");
	has(fake_to_client(fake), "ones\r)\r\n* 2 FETCH (BODY[]<0> {20}\r\nA: b\r\n\r\n"
	    "X-Letterlock)\r\nc OK x\r\n");
	(void)fake_to_upstream(fake);
	/* all of this one's was in the first piece */
	fake_client_says(fake, "d FETCH 2 BODY.PEEK[]<20.5>\r\n");
	is(fake_to_upstream(fake), "L6 FETCH 2 (UID)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL6 OK x\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 2 BODY.PEEK[]<20.5>\r\n");
	fake_upstream_says(fake, "* 2 FETCH (BODY[]<20> {3}\r\n: b)\r\nL7 OK x\r\n");
	is(fake_to_client(fake), "* 2 FETCH (BODY[]<20> {3}\r\n: b)\r\nd OK x\r\n");
	/* of the other one the sealer sees it */
	for (int i = 0; i < 2; i++) {
		fake_client_says(fake, "e UID FETCH 7 BODY.PEEK[HEADER]<20.5>\r\n");
		has(fake_to_upstream(fake), " UID FETCH 7 (UID)\r\n");
		fake_upstream_says(fake, i ? "* 1 FETCH (UID 7)\r\nL10 OK x\r\n"
					   : "* 1 FETCH (UID 7)\r\nL8 OK x\r\n");
		if (!i) {
			is(fake_to_upstream(fake), "");
			names_are(fake, ASK_SHAPES, "7", 1);
			entry_comes(fake, ANSWER_SHAPES, SHAPE_CLEAR);
		}
		has(fake_to_upstream(fake), " UID FETCH 7 BODY.PEEK[HEADER]<20.5>\r\n");
		fake_upstream_says(fake, i ? "* 1 FETCH (UID 7 BODY[HEADER]<20> {1}\r\n\n)\r\n"
					     "L11 OK x\r\n"
					   : "* 1 FETCH (UID 7 BODY[HEADER]<20> {1}\r\n\n)\r\n"
					     "L9 OK x\r\n");
		has(fake_to_client(fake), "BODY[HEADER]<20> {1}\r\n\n)\r\ne OK ");
	}
	fake_free(fake);
}

static void a_header_longer_than_is_held_is_seen_by_the_sealer(void **state)
{
	char *longer = text_of("A: b\r\n", 300 * 1000);
	struct fake *fake = fetching("c FETCH 1 BODY.PEEK[]\r\n", CLEAR("1", "7"));

	(void)state;
	(void)fake_to_upstream(fake);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", longer, ")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "");
	names_are(fake, ASK_VIEW, "7", 1);
	entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", longer, ")\r\nL6 OK x\r\n");
	has(fake_to_client(fake), "\r\n)\r\nc OK done\r\n");
	free(longer);
	fake_free(fake);
}

/* The same answer, however its octets come. */
static void large_answers_are_the_same_however_they_come(void **state)
{
	static const char before[] = "* 1 FETCH (UID 7 BODY[TEXT] {140000}\r\n";
	static const char between[] = " BODY[HEADER] {24}\r\nSubject: x\r\nFrom: y\r\n\r\n "
				      "BODY[HEADER.FIELDS (\"A]\" B)] {2}\r\n\r\n FLAGS ()";
	static const size_t steps[] = { 1, 2, 13, 4093 };
	char *text = text_of(before, 140000);
	char *all = mem_printf("%s%s)\r\n", text, between);

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		struct fake *fake = fetching("c FETCH 1 (BODY.PEEK[])\r\n",
					     CLEAR("1", "7"));

		for (size_t at = 0; all[at];) {
			char piece[4094] = "";
			size_t n = strlen(all + at);

			memcpy(piece, all + at, n < steps[i] ? n : steps[i]);
			at += strlen(piece);
			fake_upstream_says(fake, piece);
		}
		is(fake_to_client(fake), all);
		fake_upstream_says(fake, "L5 OK x\r\n");
		is(fake_to_client(fake), "c OK x\r\n");
		fake_free(fake);
	}
	free(text);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_tells_no_content_passes_at_once),
		cmocka_unit_test(each_message_is_looked_at_once_and_clear_ones_pass),
		cmocka_unit_test(a_partial_that_nobody_asked_for_is_looked_at_too),
		cmocka_unit_test(an_answer_that_contradicts_is_withheld_and_opened),
		cmocka_unit_test(a_large_answer_passes_with_its_header_or_not_at_all),
		cmocka_unit_test(what_others_have_expunged_is_not_shown_as_nothing),
		cmocka_unit_test(of_a_partial_what_is_whole_is_looked_at),
		cmocka_unit_test(a_header_under_another_name_is_looked_at_too),
		cmocka_unit_test(a_piece_from_the_midst_passes_once_the_header_was_seen),
		cmocka_unit_test(a_header_longer_than_is_held_is_seen_by_the_sealer),
		cmocka_unit_test(large_answers_are_the_same_however_they_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
