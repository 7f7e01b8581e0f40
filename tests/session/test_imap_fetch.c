#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/session/imap_state.h"
#include "proxy/session/spool.h"
#include "tests/session/imap_talk.h"

/* Two entries: a view, and one of `kind`. */
static void shapes_come(struct fake *fake, enum shape_kind kind)
{
	struct shape_entry entry = { .kind = kind };
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	fake_text_entry(VIEW, &entries);
	if (kind == SHAPE_VIEW)
		fake_text_entry(VIEW, &entries);
	else
		assert_int_equal(0, shape_entry_encode(&entry, &entries));
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
}

static void lists_are_answered_from_shapes_alone(void **state)
{
	struct fake *fake = fetching("c UID FETCH 1:* (FLAGS RFC822.SIZE ENVELOPE "
				     "BODY.PEEK[HEADER.FIELDS (SUBJECT)])\r\n",
				     CLEAR("1", "7") SEALED("2", "8")
				     SEALED("3", "9"));

	(void)state;
	is(fake_to_upstream(fake), "L5 UID FETCH 7 (FLAGS RFC822.SIZE ENVELOPE "
	   "BODY.PEEK[HEADER.FIELDS (SUBJECT)])\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 RFC822.SIZE 3)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (UID 7 RFC822.SIZE 3)\r\n");
	names_are(fake, ASK_SHAPES, "8", 2);
	shapes_come(fake, SHAPE_VIEW);
	is(fake_to_upstream(fake), "L6 UID FETCH 8:9 (UID FLAGS)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8 FLAGS (\\Seen))\r\n* 4 EXISTS\r\n"
			   "* 3 FETCH (FLAGS () UID 9)\r\nL6 OK x\r\n");
	is(fake_to_client(fake), "* 4 EXISTS\r\n"
	   "* 2 FETCH (UID 8 FLAGS (\\Seen) RFC822.SIZE 47 ENVELOPE "
	   "(NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL) "
	   "BODY[HEADER.FIELDS (SUBJECT)] {15}\r\nSubject: in\r\n\r\n)\r\n"
	   "* 3 FETCH (UID 9 FLAGS () RFC822.SIZE 47 ENVELOPE "
	   "(NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL) "
	   "BODY[HEADER.FIELDS (SUBJECT)] {15}\r\nSubject: in\r\n\r\n)\r\nc OK done\r\n");
	assert_int_equal(0, fake_asked(fake, ASK_VIEW) + fake_asked(fake, ASK_OPEN));
	fake_free(fake);
}

static void what_was_never_opened_is_fetched_whole_and_opened(void **state)
{
	struct fake *fake = fetching("c FETCH 2:3 (UID BODY.PEEK[TEXT])\r\n",
				     SEALED("2", "8") SEALED("3", "9"));

	(void)state;
	names_are(fake, ASK_SHAPES, "8", 2);
	shapes_come(fake, SHAPE_UNKNOWN);
	/* of the first the view is there */
	names_are(fake, ASK_VIEW, "8", 1);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 2 FETCH (UID 8 BODY[TEXT] {7}\r\nhello\r\n)\r\n");
	is(fake_to_upstream(fake), "L5 FETCH 3 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 2 FETCH (FLAGS ())\r\n* 3 FETCH (UID 9 BODY[] {6}\r\nst");
	fake_upstream_says(fake, "ored)\r\nL5 OK x\r\n");
	names_are(fake, ASK_OPEN, "9", 1);
	assert_int_equal(6, fake_question(fake)->message_size);
	is(fake_question_bytes(fake), "stored");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 2 FETCH (FLAGS ())\r\n"
	   "* 3 FETCH (UID 9 BODY[TEXT] {7}\r\nhello\r\n)\r\nc OK done\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void the_bytes_of_another_uid_are_not_its_own(void **state)
{
	struct fake *fake = fetching("c FETCH 3 BODY.PEEK[TEXT]\r\n", SEALED("3", "9"));

	(void)state;
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	is(fake_to_upstream(fake), "L5 FETCH 3 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 3 FETCH (UID 8 BODY[] {5}\r\nother)\r\n"
			   "* 3 FETCH (UID 9 BODY[] {6}\r\nstored)\r\nL5 OK x\r\n");
	names_are(fake, ASK_OPEN, "9", 1);
	is(fake_question_bytes(fake), "stored");
	fake_free(fake);
}

/* SHAPES says that nobody has opened any of `n`. */
static void all_are_unknown(struct fake *fake, size_t n)
{
	struct shape_entry entry = { .kind = SHAPE_UNKNOWN };
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(0, shape_entry_encode(&entry, &entries));
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
}

static void while_one_is_opened_the_next_one_is_fetched(void **state)
{
	struct fake *fake = fetching("c UID FETCH 7:9 (FLAGS BODY.PEEK[TEXT])\r\n",
				     SEALED("1", "7") SEALED("2", "8")
				     SEALED("3", "9"));

	(void)state;
	all_are_unknown(fake, 3);
	is(fake_to_upstream(fake), "L5 UID FETCH 7:9 (UID FLAGS)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 FLAGS ())\r\n* 2 FETCH (UID 8 FLAGS (a))"
			   "\r\n* 3 FETCH (UID 9 FLAGS (b))\r\nL5 OK x\r\n");
	is(fake_to_upstream(fake), "L6 UID FETCH 7 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 BODY[] \"7\")\r\nL6 OK x\r\n");
	names_are(fake, ASK_OPEN, "7", 1);
	is(fake_to_upstream(fake), "L7 UID FETCH 8 (UID BODY.PEEK[])\r\n");
	/* it comes before, and behind, the answer about the one before */
	fake_upstream_says(fake, "* 2 FETCH (UID 8 BODY[] \"8\")\r\nL7 OK x\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 1 FETCH (UID 7 FLAGS () BODY[TEXT] {7}\r\nhello\r\n)\r\n");
	names_are(fake, ASK_OPEN, "8", 1);
	is(fake_question_bytes(fake), "8");
	is(fake_to_upstream(fake), "L8 UID FETCH 9 (UID BODY.PEEK[])\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "* 2 FETCH (UID 8 FLAGS (a)");
	assert_null(fake_question(fake));
	fake_upstream_says(fake, "* 3 FETCH (UID 9 BODY[] \"9\")\r\nL8 OK x\r\n");
	is(fake_question_bytes(fake), "9");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 3 FETCH (UID 9 FLAGS (b) BODY[TEXT] {7}\r\nhello\r\n)\r\n"
	   "c OK done\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void what_was_fetched_ahead_may_be_of_no_use(void **state)
{
	struct fake *fake = fetching("c UID FETCH 8:9 BODY.PEEK[TEXT]\r\n",
				     SEALED("2", "8") SEALED("3", "9"));

	(void)state;
	all_are_unknown(fake, 2);
	(void)fake_to_upstream(fake);
	fake_upstream_says(fake, "* 2 FETCH (UID 8 BODY[] \"8\")\r\nL5 OK x\r\n");
	has(fake_to_upstream(fake), "L6 UID FETCH 9 ");
	fake_upstream_says(fake, "* 3 EXPUNGE\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	/* the command does not end before upstream is free again */
	is(fake_to_client(fake), "* 3 EXPUNGE\r\n* 2 FETCH (UID 8 BODY[TEXT] {7}\r\n"
	   "hello\r\n)\r\n");
	fake_upstream_says(fake, "L6 OK x\r\n");
	is(fake_to_client(fake), "c OK done\r\n");
	fake_free(fake);
	/* one that upstream does not say is asked for once */
	fake = fetching("c UID FETCH 8:9 BODY.PEEK[TEXT]\r\n",
			SEALED("2", "8") SEALED("3", "9"));
	all_are_unknown(fake, 2);
	fake_upstream_says(fake, "L5 NO [EXPUNGEISSUED] gone\r\n");
	fake_upstream_says(fake, "L6 NO gone, too\r\n");
	is(fake_to_client(fake), "c NO [EXPUNGEISSUED] gone\r\n");
	assert_null(fake_question(fake));
	fake_client_says(fake, "d UID FETCH 8 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL7 OK\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	fake_upstream_says(fake, "L8 OK\r\n");
	has(fake_to_client(fake), "d NO [UNAVAILABLE]");
	(void)fake_to_upstream(fake);
	/* as is one whose view is there no more, whatever its shape was */
	fake_client_says(fake, "e UID FETCH 8:9 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\n* 3 FETCH (UID 9)\r\nL9 OK\r\n");
	shapes_come(fake, SHAPE_VIEW);
	names_are(fake, ASK_VIEW, "8", 1);
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	has(fake_to_upstream(fake), "L10 UID FETCH 8 (UID BODY.PEEK[])\r\n");
	fake_free(fake);
}

static void seen_is_set_by_upstream_once_the_view_is_there(void **state)
{
	struct fake *fake = fetching("c UID FETCH 8 (INTERNALDATE BODY[])\r\n",
				     SEALED("2", "8"));

	(void)state;
	/* one alone: its view at once */
	names_are(fake, ASK_VIEW, "8", 1);
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	is(fake_to_upstream(fake), "L5 UID FETCH 8 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 2 FETCH (BODY[] \"x\" UID 8)\r\nL5 OK x\r\n");
	names_are(fake, ASK_OPEN, "8", 1);
	is(fake_to_upstream(fake), "");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_upstream(fake),
	   "L6 UID FETCH 8 (UID FLAGS INTERNALDATE BODY[HEADER]<0.1>)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8 FLAGS () INTERNALDATE \"d\" "
			   "BODY[HEADER]<0> \"C\")\r\n"
			   "* 2 FETCH (UID 8 FLAGS (\\Seen))\r\nL6 OK x\r\n");
	is(fake_to_client(fake), "* 2 FETCH (UID 8 INTERNALDATE \"d\" BODY[] {47}\r\n"
	   VIEW " FLAGS (\\Seen))\r\nc OK done\r\n");
	fake_free(fake);
}

static void what_the_sealer_says_is_clear_passes_and_is_remembered(void **state)
{
	struct fake *fake = fetching("c FETCH 2:3 RFC822\r\n",
				     SEALED("2", "8") SEALED("3", "9"));

	(void)state;
	/* this sets \Seen: one by one */
	names_are(fake, ASK_VIEW, "8", 1);
	entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
	is(fake_to_upstream(fake), "L5 FETCH 2 RFC822\r\n");
	fake_upstream_says(fake, "* 2 FETCH (RFC822 {37}\r\n" PGP ")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 2 FETCH (RFC822 {37}\r\n" PGP ")\r\n");
	names_are(fake, ASK_VIEW, "9", 1);
	entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
	fake_upstream_says(fake, "* 3 FETCH (RFC822 {18}\r\nX-LetterLock: x\r\n\r)\r\n"
			   "L6 OK x\r\n");
	has(fake_to_client(fake), "c NO [UNAVAILABLE]");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "d UID FETCH 8:9 BODY.PEEK[TEXT]\r\n");
	is(fake_to_upstream(fake), "L7 UID FETCH 8:9 BODY.PEEK[TEXT]\r\n");
	fake_free(fake);
}

/* ... but never with a verdict, also where the header has no end. */
static void what_the_sealer_says_is_clear_bears_no_verdict(void **state)
{
	static const char *const values[] = {
		"{15}\r\nX-Letterlock: x", "{23}\r\nA: b\r\nX-Letterlock: x\r\n",
		"{21}\r\nA: b\r\nX-Letterlock: x", "\"X-Letterlock: x\"",
		"{27}\r\nA: b\r\nX-Letterlock: x\r\n\r\nhi",
		/* nor behind what cannot be read */
		"\"\" \"x\" RFC822 {15}\r\nX-Letterlock: x", "(x RFC822 {15}\r\nX-Letterlock: x",
		"9) (RFC822 {15}\r\nX-Letterlock: x", "9) RFC822 {15}\r\nX-Letterlock: x",
		"9 RFC822\"X-Letterlock: x\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		struct fake *fake = fetching("c FETCH 3 RFC822\r\n", SEALED("3", "9"));
		char *said = mem_printf("* 3 FETCH (RFC822 %s)\r\nL5 OK x\r\n", values[i]);

		entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
		is(fake_to_upstream(fake), "L5 FETCH 3 RFC822\r\n");
		fake_upstream_says(fake, said);
		is(fake_to_client(fake),
		   "c NO [UNAVAILABLE] some messages cannot be opened now\r\n");
		free(said);
		fake_free(fake);
	}
}

static void where_policy_is_silent_the_others_are_answered(void **state)
{
	struct fake *fake = fetching("c FETCH 1:3 (RFC822.SIZE BODY.PEEK[TEXT])\r\n",
				     CLEAR("1", "7") SEALED("2", "8")
				     SEALED("3", "9"));

	(void)state;
	is(fake_to_upstream(fake), "L5 FETCH 1 (RFC822.SIZE BODY.PEEK[TEXT])\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BODY[TEXT] \"x\")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[TEXT] \"x\")\r\n");
	shapes_come(fake, SHAPE_VIEW);
	/* a refusal is about one message, silence about all */
	fake_policy_says(fake, ANSWER_REFUSED, 451, "4.3.0", "no");
	names_are(fake, ASK_VIEW, "9", 1);
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "c NO [UNAVAILABLE] some messages cannot be opened now");
	fake_client_says(fake, "d FETCH 2:3 RFC822.SIZE\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\n* 3 FETCH (UID 9)\r\nL6 OK\r\n");
	names_are(fake, ASK_SHAPES, "8", 2);
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "d NO [UNAVAILABLE]");
	assert_null(fake_question(fake));
	fake_free(fake);
}

static void shapes_without_room_are_asked_for_one_by_one(void **state)
{
	struct fake *fake = fetching("c UID FETCH 8:9 RFC822.SIZE\r\n",
				     SEALED("2", "8") SEALED("3", "9"));
	char *large = text_of("Subject: in\r\n\r\n", 1100 * 1000);

	(void)state;
	names_are(fake, ASK_SHAPES, "8", 2);
	fake_policy_shows(fake, ANSWER_SHAPES, span_str(large), span_str(""));
	names_are(fake, ASK_VIEW, "8", 1);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	names_are(fake, ASK_VIEW, "9", 1);
	/* nor does one that has no room itself end the answer for others */
	fake_policy_shows_text(fake, ANSWER_VIEW, large);
	is(fake_to_client(fake), "* 2 FETCH (UID 8 RFC822.SIZE 47)\r\n"
	   "c NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "d UID FETCH 8:9 RFC822.SIZE\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\n* 3 FETCH (UID 9)\r\nL5 OK\r\n");
	fake_policy_shows(fake, ANSWER_SHAPES, span_str(large), span_str(""));
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 2 FETCH (UID 8 RFC822.SIZE 47)\r\n"
	   "* 3 FETCH (UID 9 RFC822.SIZE 47)\r\nd OK done\r\n");
	free(large);
	fake_free(fake);
}

static void an_answer_that_is_none_opens_nothing(void **state)
{
	struct fake *fake = fetching("c UID FETCH 8:9 RFC822.SIZE\r\n",
				     SEALED("2", "8") SEALED("3", "9"));
	char *large = text_of("Subject: in\r\n\r\n", 1100 * 1000);

	(void)state;
	/* no descriptor; one entry too few; no entries */
	fake_policy_says(fake, ANSWER_SHAPES, 0, "", "");
	is(fake_to_client(fake), "c NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "d UID FETCH 8:9 RFC822.SIZE\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\n* 3 FETCH (UID 9)\r\nL5 OK\r\n");
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	is(fake_to_client(fake), "* 2 FETCH (UID 8 RFC822.SIZE 47)\r\n"
	   "d NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	fake_client_says(fake, "e UID FETCH 8:9 RFC822.SIZE\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\n* 3 FETCH (UID 9)\r\nL6 OK\r\n");
	fake_policy_shows(fake, ANSWER_SHAPES, span_str("\7nonsense"), span_str(""));
	is(fake_to_client(fake), "e NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	/* a view that is none, and one that the spool has no room for */
	fake_client_says(fake, "f UID FETCH 8 BODY.PEEK[]\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL7 OK\r\n");
	entry_comes(fake, ANSWER_VIEW, SHAPE_UNKNOWN);
	has(fake_to_client(fake), "f NO [UNAVAILABLE]");
	fake_client_says(fake, "g UID FETCH 8 BODY.PEEK[]\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL8 OK\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, large);
	is(fake_to_client(fake), "g NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	free(large);
	fake_free(fake);
}

static void numbers_move_with_an_expunge(void **state)
{
	struct fake *fake = fetching("c UID FETCH 7:9 (BODY.PEEK[TEXT])\r\n",
				     SEALED("1", "7") SEALED("2", "8")
				     "* 1 EXPUNGE\r\n" SEALED("2", "9"));

	(void)state;
	is(fake_to_client(fake), "* 1 EXPUNGE\r\n");
	names_are(fake, ASK_SHAPES, "8", 2);
	shapes_come(fake, SHAPE_UNKNOWN);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "* 1 FETCH (UID 8 BODY[TEXT] {7}\r\n");
	is(fake_to_upstream(fake), "L5 UID FETCH 9 (UID BODY.PEEK[])\r\n");
	fake_upstream_says(fake, "* 1 EXPUNGE\r\n* 1 FETCH (UID 9 BODY[] \"s\")\r\n"
			   "L5 OK x\r\n");
	is(fake_question_bytes(fake), "s");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 1 EXPUNGE\r\n* 1 FETCH (UID 9 BODY[TEXT] {7}\r\n"
	   "hello\r\n)\r\nc OK done\r\n");
	/* one that is gone before it is fetched is not answered */
	fake_client_says(fake, "d UID FETCH 9 (BODY.PEEK[TEXT])\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 9)\r\nL6 OK x\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	fake_upstream_says(fake, "* 1 EXPUNGE\r\nL7 NO [EXPUNGEISSUED] gone\r\n");
	is(fake_to_client(fake), "* 1 EXPUNGE\r\nd NO [EXPUNGEISSUED] gone\r\n");
	fake_free(fake);
}

static void without_uidvalidity_a_place_is_the_sessions_own(void **state)
{
	struct fake *fake = logged_in("");

	(void)state;
	fake_client_says(fake, "b EXAMINE box\r\n");
	fake_upstream_says(fake, "* 3 EXISTS\r\nL3 OK x\r\n");
	fake_client_says(fake, "c FETCH 3 RFC822.SIZE\r\n");
	fake_upstream_says(fake, SEALED("3", "9") "L4 OK x\r\n");
	is(fake_question(fake)->place.mailbox, "box of session 0000000000000007.1");
	assert_int_equal(0, fake_question(fake)->place.uidvalidity);
	fake_free(fake);
}

static void large_stored_messages_stream_into_the_spool(void **state)
{
	char *stored = text_of("", 300 * 1000);
	struct fake *fake = fetching("c FETCH 2 BODY.PEEK[TEXT]\r\n", SEALED("2", "8"));

	(void)state;
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	upstream_says_big(fake, "* 2 FETCH (UID 8 BODY[]", stored,
			  " FLAGS ())\r\nL5 OK x\r\n");
	names_are(fake, ASK_OPEN, "8", 1);
	assert_int_equal(300 * 1000, fake_question(fake)->message_size);
	is(fake_question_bytes(fake), stored);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 2 FETCH (BODY[TEXT] {7}\r\nhello\r\n)\r\n"
	   "c OK done\r\n");
	free(stored);
	fake_free(fake);
}

/* What begins like this, and is larger than the spool, is shown to nobody. */
static void front_is_not_shown(const char *front)
{
	char *large = text_of("", 1100 * 1000);
	struct fake *fake = fetching("c FETCH 2 BODY.PEEK[TEXT]\r\n", SEALED("2", "8"));

	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	(void)fake_to_upstream(fake);
	upstream_says_big(fake, "* 2 FETCH (UID 8 BODY[]", large, ")\r\nL5 OK x\r\n");
	is(fake_to_upstream(fake), "L6 FETCH 2 (UID BODY.PEEK[]<0.65536>)\r\n");
	fake_upstream_says(fake, front);
	fake_upstream_says(fake, "L6 OK x\r\n");
	is(fake_to_client(fake), "c NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	fake_client_says(fake, "e NOOP\r\n");
	has(fake_to_upstream(fake), "NOOP");
	free(large);
	fake_free(fake);
}

/* THREATS 93, 137. */
static void what_no_spool_can_hold_passes_unless_it_bears_a_verdict(void **state)
{
	char *large = text_of("", 1100 * 1000), *long_header = text_of("A: ", 70 * 1000);
	struct fake *fake = fetching("c FETCH 2 BODY.PEEK[TEXT]\r\n", SEALED("2", "8"));
	char *much;

	(void)state;
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	(void)fake_to_upstream(fake);
	upstream_says_big(fake, "* 2 FETCH (UID 8 BODY[]", large, ")\r\n");
	/* nobody asked for that one */
	upstream_says_big(fake, "* 3 FETCH (UID 9 BODY[]", large, ")\r\nL5 OK x\r\n");
	is(fake_to_upstream(fake), "L6 FETCH 2 (UID BODY.PEEK[]<0.65536>)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8 BODY[]<0> {12}\r\nA: b\r\n\r\ntext)\r\n"
			   "L6 OK x\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 2 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "* 2 FETCH (BODY[TEXT] {4}\r\ntext)\r\nL7 OK x\r\n");
	has(fake_to_client(fake), "BODY[TEXT] {4}\r\ntext)\r\nc OK ");
	/* known from now on */
	fake_client_says(fake, "d UID FETCH 8 BODY.PEEK[TEXT]\r\n");
	is(fake_to_upstream(fake), "L8 UID FETCH 8 BODY.PEEK[TEXT]\r\n");
	fake_free(fake);

	front_is_not_shown("* 2 FETCH (UID 8 BODY[]<0> {22}\r\nX-Letterlock: y\r\n\r\nb\r\n)\r\n");
	front_is_not_shown("* 2 FETCH (UID 8 BODY[]<0> {23}\r\nA:\rX-Letterlock: a\r\n\r\n.)\r\n");
	front_is_not_shown("* 2 FETCH (UID 8 BODY[]<0> {8}\r\nA: b\r\nte)\r\n");
	front_is_not_shown("* 2 FETCH (UID 8 BODY[] {8}\r\nA: b\r\n\r\n)\r\n");
	front_is_not_shown("* 2 FETCH (UID 9 BODY[]<0> {8}\r\nA: b\r\n\r\n)\r\n");
	front_is_not_shown("* 3 FETCH (UID 8 BODY[]<0> {8}\r\nA: b\r\n\r\n)\r\n");
	front_is_not_shown("* 2 FETCH (UID 8 BODY[]<0> NIL)\r\n");
	front_is_not_shown("");
	much = mem_printf("* 2 FETCH (UID 8 BODY[]<0> {%zu}\r\nA: b\r\n\r\n%s)\r\n",
			  strlen(long_header) + 8, long_header);
	front_is_not_shown(much);
	free(much);
	free(long_header);
	free(large);
}

static void a_full_spool_is_waited_for(void **state)
{
	struct fake *fake = fetching("c FETCH 3 BODY.PEEK[TEXT]\r\n", SEALED("3", "9"));
	char *stored = text_of("", 9000), *view = text_of("Subject: in\r\n\r\n", 30000);
	uint64_t taken = fake_others_take_all_but(fake, 8192);

	(void)state;
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	upstream_says_big(fake, "* 3 FETCH (UID 9 BODY[]", stored, ")\r\nL5 OK x\r\n");
	(void)fake_to_upstream(fake);
	fake_time_passes(fake, 14 * 1000);
	assert_null(fake_question(fake));
	is(fake_to_upstream(fake), "");
	/* nothing is held meanwhile */
	assert_int_equal(8192, spool_budget_free_bytes(fake_budget(fake)));
	spool_budget_give(fake_budget(fake), taken);
	fake_time_passes(fake, 200);
	is(fake_to_upstream(fake), "L6 FETCH 3 (UID BODY.PEEK[])\r\n");
	upstream_says_big(fake, "* 3 FETCH (UID 9 BODY[]", stored, ")\r\nL6 OK x\r\n");
	names_are(fake, ASK_OPEN, "9", 1);
	/* the view has no room either; by then policy keeps it */
	taken = fake_others_take_all_but(fake, 0);
	fake_policy_shows_text(fake, ANSWER_VIEW, view);
	assert_null(fake_question(fake));
	spool_budget_give(fake_budget(fake), taken);
	fake_time_passes(fake, 200);
	names_are(fake, ASK_VIEW, "9", 1);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "* 3 FETCH (BODY[TEXT] {7}\r\nhello\r\n)\r\nc OK done\r\n");
	free(stored);
	free(view);
	fake_free(fake);
}

static void a_full_spool_is_waited_for_once(void **state)
{
	struct fake *fake = fetching("c FETCH 2:3 BODY.PEEK[TEXT]\r\n",
				     SEALED("2", "8") SEALED("3", "9"));
	char *stored = text_of("", 9000);
	uint64_t taken = fake_others_take_all_but(fake, 0);

	(void)state;
	all_are_unknown(fake, 2);
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");	/* there was no room for that */
	upstream_says_big(fake, "* 2 FETCH (UID 8 BODY[]", stored, ")\r\nL5 OK x\r\n");
	for (int i = 0; i < 151; i++)
		fake_time_passes(fake, 100);
	is(fake_to_client(fake), "");
	upstream_says_big(fake, "* 2 FETCH (UID 8 BODY[]", stored, ")\r\nL6 OK x\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	upstream_says_big(fake, "* 3 FETCH (UID 9 BODY[]", stored, ")\r\nL7 OK x\r\n");
	is(fake_to_client(fake), "c NO [UNAVAILABLE] some messages cannot be opened now\r\n");
	/* and may end with the session */
	fake_client_says(fake, "d FETCH 2 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL8 OK\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	upstream_says_big(fake, "* 2 FETCH (UID 8 BODY[]", stored, ")\r\nL9 OK x\r\n");
	is(fake_to_client(fake), "");
	spool_budget_give(fake_budget(fake), taken);
	fake_client_leaves(fake);
	fake_time_passes(fake, 1000);
	assert_true(fake_session_over(fake));
	free(stored);
	fake_free(fake);
}

static void large_views_stream_and_end_with_the_client(void **state)
{
	char *view = text_of("Subject: in\r\n\r\n", 700 * 1000);
	struct fake *fake = fetching("c UID FETCH 8 (BODY.PEEK[] UID BODY.PEEK[]<10.9>)\r\n",
				     SEALED("2", "8"));
	const char *got;

	(void)state;
	fake_policy_shows_text(fake, ANSWER_VIEW, view);
	got = fake_to_client(fake);
	has(got, "* 2 FETCH (BODY[] {700015}\r\nSubject: in\r\n\r\nxxx");
	has(got, "\r\n UID 8 BODY[]<10> {9}\r\nn\r\n\r\nxxxx)\r\nc OK done\r\n");
	assert_memory_equal(strstr(got, "Subject"), view, 700 * 1000);
	/* a client that takes nothing any more is cut off, in the midst */
	fake_client_says(fake, "d UID FETCH 8 BODY.PEEK[]\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 8)\r\nL5 OK\r\n");
	fake_client_stalls(fake);
	fake_policy_shows_text(fake, ANSWER_VIEW, view);
	assert_int_equal(IMAP_UPSTREAM_WAIT, fake_client_deadline(fake));
	fake_upstream_leaves(fake, ERR_PEER, "reset");
	got = fake_to_client(fake);
	assert_null(strstr(got, "BYE"));
	assert_true(fake_session_over(fake));
	free(view);
	fake_free(fake);
}

static void what_the_client_expunges_is_told_unless_it_was_copied(void **state)
{
	struct fake *fake = fetching("c FETCH 1:3 RFC822.SIZE\r\n", CLEAR("1", "7")
				     SEALED("2", "8") SEALED("3", "9"));

	(void)state;
	fake_upstream_says(fake, "L5 OK\r\n");
	shapes_come(fake, SHAPE_VIEW);
	has(fake_to_client(fake), "* 2 FETCH (RFC822.SIZE 47)\r\n"
	    "* 3 FETCH (RFC822.SIZE 47)\r\nc OK done\r\n");
	fake_upstream_says(fake, "* 1 EXPUNGE\r\n");
	fake_client_says(fake, "d EXPUNGE\r\n");
	fake_upstream_says(fake, "* 2 EXPUNGE\r\nL6 OK x\r\n");
	is(fake_to_client(fake), "* 1 EXPUNGE\r\n* 2 EXPUNGE\r\nd OK x\r\n");
	assert_int_equal(1, fake_asked(fake, ASK_GONE));
	fake_client_says(fake, "e UID COPY 8 x\r\n");
	fake_upstream_says(fake, "L7 OK x\r\n");
	fake_client_says(fake, "f UID EXPUNGE 8\r\n");
	fake_upstream_says(fake, "* 1 EXPUNGE\r\nL8 OK x\r\n");
	assert_int_equal(1, fake_asked(fake, ASK_GONE));
	fake_free(fake);
}

static void what_upstream_tells_of_is_answered_before_its_no(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c FETCH 1:2 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, CLEAR("1", "7") "L4 NO [EXPUNGEISSUED] some\r\n");
	has(fake_to_upstream(fake), "L5 FETCH 1 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BODY[TEXT] \"x\")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[TEXT] \"x\")\r\n"
	   "c NO [EXPUNGEISSUED] some\r\n");
	fake_client_says(fake, "d FETCH 9 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "L6 BAD no such\r\n");
	is(fake_to_client(fake), "d BAD no such\r\n");
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_are_answered_from_shapes_alone),
		cmocka_unit_test(what_was_never_opened_is_fetched_whole_and_opened),
		cmocka_unit_test(the_bytes_of_another_uid_are_not_its_own),
		cmocka_unit_test(while_one_is_opened_the_next_one_is_fetched),
		cmocka_unit_test(what_was_fetched_ahead_may_be_of_no_use),
		cmocka_unit_test(seen_is_set_by_upstream_once_the_view_is_there),
		cmocka_unit_test(what_the_sealer_says_is_clear_passes_and_is_remembered),
		cmocka_unit_test(what_the_sealer_says_is_clear_bears_no_verdict),
		cmocka_unit_test(where_policy_is_silent_the_others_are_answered),
		cmocka_unit_test(shapes_without_room_are_asked_for_one_by_one),
		cmocka_unit_test(an_answer_that_is_none_opens_nothing),
		cmocka_unit_test(numbers_move_with_an_expunge),
		cmocka_unit_test(without_uidvalidity_a_place_is_the_sessions_own),
		cmocka_unit_test(large_stored_messages_stream_into_the_spool),
		cmocka_unit_test(what_no_spool_can_hold_passes_unless_it_bears_a_verdict),
		cmocka_unit_test(a_full_spool_is_waited_for),
		cmocka_unit_test(a_full_spool_is_waited_for_once),
		cmocka_unit_test(large_views_stream_and_end_with_the_client),
		cmocka_unit_test(what_the_client_expunges_is_told_unless_it_was_copied),
		cmocka_unit_test(what_upstream_tells_of_is_answered_before_its_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
