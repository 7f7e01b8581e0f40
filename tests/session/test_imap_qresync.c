#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "tests/session/imap_talk.h"

/* With QRESYNC enabled, INBOX selected: 5 messages. */
static struct fake *enabled(void)
{
	struct fake *fake = logged_in("ENABLE CONDSTORE QRESYNC NOTIFY");

	fake_client_says(fake, "b ENABLE QRESYNC\r\n");
	is(fake_to_upstream(fake), "L3 ENABLE QRESYNC\r\n");
	fake_upstream_says(fake, "* ENABLED QRESYNC CONDSTORE UIDONLY\r\nL3 OK x\r\n");
	is(fake_to_client(fake), "* ENABLED CONDSTORE QRESYNC\r\nb OK x\r\n");
	fake_client_says(fake, "c SELECT INBOX (QRESYNC (77 5 1:20))\r\n");
	is(fake_to_upstream(fake), "L4 SELECT INBOX (QRESYNC (77 5 1:20))\r\n");
	fake_upstream_says(fake, "* 5 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n"
			   "* VANISHED (EARLIER) 2,12:14\r\n"
			   "* 4 FETCH (UID 10 FLAGS (\\Seen) MODSEQ (6))\r\n"
			   "L4 OK [READ-WRITE] in\r\n");
	is(fake_to_client(fake), "* 5 EXISTS\r\n* OK [UIDVALIDITY 77] x\r\n"
	   "* VANISHED (EARLIER) 2,12:14\r\n"
	   "* 4 FETCH (UID 10 FLAGS (\\Seen) MODSEQ (6))\r\nc OK [READ-WRITE] in\r\n");
	return fake;
}

static void a_mailbox_is_taken_up_where_it_was_left(void **state)
{
	struct fake *fake = enabled();

	(void)state;
	fake_client_says(fake, "d UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)\r\n");
	is(fake_to_upstream(fake), "L5 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 VANISHED)\r\n");
	fake_upstream_says(fake, "* VANISHED (EARLIER) 2\r\n"
			   "* 1 FETCH (UID 7 FLAGS () MODSEQ (6))\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* VANISHED (EARLIER) 2\r\n"
	   "* 1 FETCH (UID 7 FLAGS () MODSEQ (6))\r\nd OK x\r\n");
	fake_client_says(fake, "e SELECT x (QRESYNC (77 5 1:20 (1:3 4)) Y)\r\n");
	is(fake_to_client(fake), "e BAD one mailbox is due, and no such parameters\r\n");
	fake_free(fake);
}

/* Message 2 (UID 8) has a view; 1 and 3 (UIDs 7 and 9) are clear. */
static struct fake *looked_at(void)
{
	struct fake *fake = enabled();

	fake_client_says(fake, "d UID FETCH 7:9 (RFC822.SIZE)\r\n");
	has(fake_to_upstream(fake), "L5 UID FETCH 7:9 (UID ");
	fake_upstream_says(fake, CLEAR("1", "7") SEALED("2", "8") CLEAR("3", "9") "L5 OK x\r\n");
	is(fake_to_upstream(fake), "L6 UID FETCH 7,9 (RFC822.SIZE)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 RFC822.SIZE 5)\r\n"
			   "* 3 FETCH (UID 9 RFC822.SIZE 5)\r\nL6 OK x\r\n");
	names_are(fake, ASK_SHAPES, "8", 1);
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	has(fake_to_client(fake), "* 2 FETCH (UID 8 RFC822.SIZE 47)\r\nd OK");
	return fake;
}

static void numbers_move_when_uids_vanish(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	/* UID 7 is message 1: 8 is that now, and 9 the second */
	fake_upstream_says(fake, "* VANISHED 7\r\n");
	is(fake_to_client(fake), "* VANISHED 7\r\n");
	/* four are left, and which of them are clear is looked up by UID */
	fake_client_says(fake, "e FETCH 1:* (RFC822.SIZE)\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 1:* (UID)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 8)\r\n* 2 FETCH (UID 9)\r\nL7 OK x\r\n");
	is(fake_to_upstream(fake), "L8 FETCH 2 (RFC822.SIZE)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (RFC822.SIZE 5)\r\nL8 OK x\r\n");
	names_are(fake, ASK_SHAPES, "8", 1);
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	has(fake_to_client(fake), "* 1 FETCH (RFC822.SIZE 47)\r\ne OK");
	fake_free(fake);
}

static void what_the_client_expunges_is_told_to_policy(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	fake_client_says(fake, "e UID EXPUNGE 8\r\n");
	is(fake_to_upstream(fake), "L7 UID EXPUNGE 8\r\n");
	fake_upstream_says(fake, "* VANISHED 8\r\nL7 OK [HIGHESTMODSEQ 9] x\r\n");
	is(fake_to_client(fake), "* VANISHED 8\r\ne OK [HIGHESTMODSEQ 9] x\r\n");
	assert_int_equal(1, fake_asked(fake, ASK_GONE));
	fake_free(fake);
}

static void one_that_vanishes_in_the_midst_of_a_uid_fetch_is_not_answered(void **state)
{
	struct fake *fake = enabled();

	(void)state;
	fake_client_says(fake, "d UID FETCH 7:9 (RFC822.SIZE)\r\n");
	has(fake_to_upstream(fake), "L5 UID FETCH 7:9 (UID ");
	fake_upstream_says(fake, SEALED("1", "7") SEALED("2", "8") SEALED("3", "9")
			   "* VANISHED 7\r\nL5 OK x\r\n");
	has(fake_to_client(fake), "* VANISHED 7\r\n");
	names_are(fake, ASK_SHAPES, "8", 2);
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	/* those behind it are told by the numbers that they have now */
	has(fake_to_client(fake), "* 1 FETCH (UID 8 RFC822.SIZE 47)\r\n");
	fake_free(fake);
}

/* What vanished before the mailbox was selected has no number that could move. */
static void earlier_is_not_now(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	fake_upstream_says(fake, "* VANISHED (EARLIER) 7\r\n");
	is(fake_to_client(fake), "* VANISHED (EARLIER) 7\r\n");
	fake_client_says(fake, "e FETCH 3 BODY.PEEK[TEXT]\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 3 BODY.PEEK[TEXT]\r\n");
	fake_upstream_says(fake, "L7 OK x\r\n");
	/* of no mailbox at all nothing is told */
	fake_client_says(fake, "f CLOSE\r\n");
	fake_upstream_says(fake, "* SEARCH\r\nL8 OK x\r\nL9 OK x\r\n");
	(void)fake_to_client(fake);
	fake_upstream_says(fake, "* VANISHED 7\r\n* VANISHED (EARLIER) 7\r\n");
	is(fake_to_client(fake), "");
	fake_free(fake);
}

/* `*` is the last that is left, by however many are said to have gone. */
static void those_that_vanish_are_counted(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	fake_upstream_says(fake, "* VANISHED 10:11\r\n");
	fake_client_says(fake, "e FETCH 1:* (RFC822.SIZE)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7)\r\n* 2 FETCH (UID 8)\r\n"
			   "* 3 FETCH (UID 9)\r\nL7 OK x\r\n");
	fake_upstream_says(fake, "* 1 FETCH (RFC822.SIZE 5)\r\n* 3 FETCH (RFC822.SIZE 5)\r\n"
			   "L8 OK x\r\n");
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	has(fake_to_client(fake), "e OK");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "f FETCH * (RFC822.SIZE)\r\n");
	is(fake_to_upstream(fake), "L9 FETCH 3 (RFC822.SIZE)\r\n");
	fake_upstream_says(fake, "* 3 FETCH (RFC822.SIZE 5)\r\nL9 OK x\r\n"
			   "* VANISHED 1:4000000000\r\n");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "g FETCH * (RFC822.SIZE)\r\n");
	has(fake_to_upstream(fake), "L10 FETCH * (UID)");
	fake_free(fake);
}

static void a_flood_of_what_vanished_passes_only_when_no_number_moves(void **state)
{
	struct fake *fake = enabled();
	static const char earlier[] = "* VANISHED (EARLIER) ", now[] = "* VANISHED ";
	char *all, *some;
	struct buf uids;

	(void)state;
	buf_init(&uids, 300 * 1000);
	(void)buf_puts(&uids, earlier);
	for (unsigned i = 1; uids.len < 280 * 1000; i += 2)
		(void)buf_printf(&uids, "%s%u", i > 1 ? "," : "", i);
	(void)buf_puts(&uids, "\r\n");
	all = buf_take_string(&uids);
	fake_upstream_says(fake, all);
	is(fake_to_client(fake), all);
	some = mem_printf("%s%s", now, all + strlen(earlier));
	fake_upstream_says(fake, some);
	is(fake_to_client(fake), "* BYE upstream tells of too many messages at once\r\n");
	free(some);
	free(all);
	fake_free(fake);
}

static void nobody_hears_of_it_who_has_not_enabled_it(void **state)
{
	struct fake *fake = selected("CONDSTORE QRESYNC");

	(void)state;
	fake_upstream_says(fake, "* VANISHED 2\r\n* VANISHED (EARLIER) 2\r\n");
	is(fake_to_client(fake), "");
	fake_client_says(fake, "d SELECT x (QRESYNC (77 5))\r\n");
	is(fake_to_client(fake), "d BAD one mailbox is due, and no such parameters\r\n");
	fake_free(fake);
}

static void events_are_asked_for_without_content(void **state)
{
	struct fake *fake = enabled();

	(void)state;
	fake_client_says(fake, "d NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) "
			 "(personal (MessageNew MessageExpunge))\r\n");
	is(fake_to_upstream(fake), "L5 NOTIFY SET (selected-delayed (MessageNew (UID) "
	   "MessageExpunge)) (personal (MessageNew MessageExpunge))\r\n");
	fake_upstream_says(fake, "L5 OK x\r\n* STATUS Sent (MESSAGES 4 UIDNEXT 9)\r\n"
			   "* 6 EXISTS\r\n* 6 FETCH (UID 30 FLAGS (\\Recent))\r\n"
			   "* 6 FETCH (UID 30 BODY[] {2}\r\nhi)\r\n");
	is(fake_to_client(fake), "d OK x\r\n* STATUS Sent (MESSAGES 4 UIDNEXT 9)\r\n"
	   "* 6 EXISTS\r\n* 6 FETCH (UID 30 FLAGS (\\Recent))\r\n");
	fake_client_says(fake, "e NOTIFY SET (selected (MessageNew (BODY.PEEK[]) "
			 "MessageExpunge))\r\n");
	has(fake_to_client(fake), "e NO [CANNOT] ");
	fake_client_says(fake, "f NOTIFY SET (selected (MessageNew (\"UID\")))\r\n");
	is(fake_to_client(fake), "f BAD that is no NOTIFY\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
	fake = logged_in("");
	fake_client_says(fake, "b NOTIFY NONE\r\n");
	is(fake_to_client(fake), "b BAD this is not offered\r\n");
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mailbox_is_taken_up_where_it_was_left),
		cmocka_unit_test(numbers_move_when_uids_vanish),
		cmocka_unit_test(what_the_client_expunges_is_told_to_policy),
		cmocka_unit_test(one_that_vanishes_in_the_midst_of_a_uid_fetch_is_not_answered),
		cmocka_unit_test(earlier_is_not_now),
		cmocka_unit_test(those_that_vanish_are_counted),
		cmocka_unit_test(a_flood_of_what_vanished_passes_only_when_no_number_moves),
		cmocka_unit_test(nobody_hears_of_it_who_has_not_enabled_it),
		cmocka_unit_test(events_are_asked_for_without_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
