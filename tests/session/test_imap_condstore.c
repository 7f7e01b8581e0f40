#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/session/imap_talk.h"

static void it_is_enabled_upstream_where_upstream_has_it(void **state)
{
	struct fake *fake = logged_in("ENABLE CONDSTORE");

	(void)state;
	fake_client_says(fake, "b ENABLE QRESYNC condstore UTF8=ACCEPT\r\n");
	is(fake_to_upstream(fake), "L3 ENABLE CONDSTORE\r\n");
	fake_upstream_says(fake, "* ENABLED CONDSTORE X\r\nL3 OK x\r\n");
	is(fake_to_client(fake), "* ENABLED CONDSTORE\r\nb OK x\r\n");
	fake_client_says(fake, "c ENABLE CONDSTORE\r\n");
	fake_upstream_says(fake, "L4 NO not now\r\n");
	is(fake_to_client(fake), "c NO not now\r\n");
	fake_client_says(fake, "d ENABLE QRESYNC\r\n");
	is(fake_to_client(fake), "* ENABLED\r\nd OK done\r\n");
	is(fake_to_upstream(fake), "L4 ENABLE CONDSTORE\r\n");
	fake_free(fake);
	fake = logged_in("ENABLE");
	fake_client_says(fake, "b ENABLE CONDSTORE\r\n");
	is(fake_to_client(fake), "* ENABLED\r\nb OK done\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void a_mailbox_is_selected_with_it(void **state)
{
	struct fake *fake = logged_in("CONDSTORE");

	(void)state;
	fake_client_says(fake, "b SELECT INBOX (CONDSTORE)\r\n");
	is(fake_to_upstream(fake), "L3 SELECT INBOX (CONDSTORE)\r\n");
	fake_upstream_says(fake, "* OK [HIGHESTMODSEQ 9] x\r\nL3 OK in\r\n");
	is(fake_to_client(fake), "* OK [HIGHESTMODSEQ 9] x\r\nb OK in\r\n");
	fake_client_says(fake, "c SELECT INBOX (QRESYNC (1 2))\r\n"
			 "d SELECT INBOX (CONDSTORE X)\r\n");
	is(fake_to_client(fake), "c BAD one mailbox is due, and no such parameters\r\n"
	   "d BAD one mailbox is due, and no such parameters\r\n");
	fake_client_says(fake, "e STORE 1 (UNCHANGEDSINCE 5) FLAGS (\\Seen)\r\n");
	is(fake_to_upstream(fake), "L4 STORE 1 (UNCHANGEDSINCE 5) FLAGS (\\Seen)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 MODSEQ (12))\r\n"
			   "* 2 FETCH (MODSEQ (13) FLAGS (\\Seen))\r\n"
			   "* 2 FETCH (MODSEQ (13) RFC822.SIZE 5)\r\n"
			   "L4 OK [MODIFIED 3] x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (UID 7 MODSEQ (12))\r\n"
	   "* 2 FETCH (MODSEQ (13) FLAGS (\\Seen))\r\ne OK [MODIFIED 3] x\r\n");
	fake_free(fake);
}

static void flags_that_have_changed_pass(void **state)
{
	struct fake *fake = selected("CONDSTORE");

	(void)state;
	fake_client_says(fake, "c UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5)\r\n");
	is(fake_to_upstream(fake), "L4 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 FLAGS () MODSEQ (6))\r\nL4 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (UID 7 FLAGS () MODSEQ (6))\r\nc OK x\r\n");
	fake_client_says(fake, "d UID FETCH 1:* (FLAGS) (CHANGEDSINCE 5 GONE)\r\n");
	is(fake_to_client(fake), "d BAD this cannot be fetched here\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

/* Only what has changed is looked at, and answered. */
static void content_of_what_has_changed_is_answered(void **state)
{
	struct fake *fake = selected("CONDSTORE");

	(void)state;
	fake_client_says(fake, "c UID FETCH 1:* (RFC822.SIZE) (CHANGEDSINCE 5)\r\n");
	has(fake_to_upstream(fake), "BODY.PEEK[TEXT]<0.2048>) (CHANGEDSINCE 5)\r\n");
	fake_upstream_says(fake, SEALED("2", "9") "* 3 FETCH (UID 11 "
			   "BODY[HEADER.FIELDS (CONTENT-TYPE)] {2}\r\n\r\n "
			   "BODY[TEXT]<0> {2}\r\nhi MODSEQ (7))\r\nL4 OK x\r\n");
	is(fake_to_upstream(fake), "L5 UID FETCH 11 (RFC822.SIZE) (CHANGEDSINCE 5)\r\n");
	fake_upstream_says(fake, "* 3 FETCH (UID 11 RFC822.SIZE 5 MODSEQ (7))\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 3 FETCH (UID 11 RFC822.SIZE 5 MODSEQ (7))\r\n");
	names_are(fake, ASK_SHAPES, "9", 1);
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	is(fake_to_upstream(fake), "L6 UID FETCH 9 (UID FLAGS MODSEQ)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (8))\r\nL6 OK x\r\n");
	has(fake_to_client(fake), "* 2 FETCH (UID 9 RFC822.SIZE 47 MODSEQ (8) "
	    "FLAGS (\\Seen))\r\nc OK ");
	/* both are known now: only which of them has changed is asked */
	fake_client_says(fake, "d UID FETCH 1:* (RFC822.SIZE) (CHANGEDSINCE 8)\r\n");
	is(fake_to_upstream(fake), "L7 UID FETCH 1:* (UID) (CHANGEDSINCE 8)\r\n");
	fake_upstream_says(fake, "* 2 FETCH (UID 9 MODSEQ (10))\r\nL7 OK x\r\n");
	is(fake_to_client(fake), "");
	names_are(fake, ASK_SHAPES, "9", 1);
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	is(fake_to_upstream(fake), "L8 UID FETCH 9 (UID FLAGS MODSEQ)\r\n");
	fake_upstream_says(fake, "L8 OK x\r\n");
	fake_client_says(fake, "e UID FETCH 1:* (RFC822.SIZE) (CHANGEDSINCE 20)\r\n");
	fake_upstream_says(fake, "L9 OK x\r\n");
	has(fake_to_client(fake), "e OK ");
	fake_free(fake);
}

static void codes_and_numbers_pass_but_no_uids_of_what_has_gone(void **state)
{
	struct fake *fake = selected("CONDSTORE");

	(void)state;
	fake_client_says(fake, "c SEARCH MODSEQ 5\r\n");
	is(fake_to_upstream(fake), "L4 SEARCH MODSEQ 5\r\n");
	fake_upstream_says(fake, "* SEARCH 1 3 (MODSEQ 9)\r\nL4 OK x\r\n");
	is(fake_to_client(fake), "* SEARCH 1 3 (MODSEQ 9)\r\nc OK x\r\n");
	fake_client_says(fake, "d STATUS y (HIGHESTMODSEQ)\r\n");
	fake_upstream_says(fake, "* STATUS y (HIGHESTMODSEQ 7)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* STATUS y (HIGHESTMODSEQ 7)\r\nd OK x\r\n");
	fake_client_says(fake, "e UID EXPUNGE 9\r\n");
	fake_upstream_says(fake, "* VANISHED 2\r\n* VANISHED (EARLIER) 2\r\n* 2 EXPUNGE\r\n"
			   "L6 OK [HIGHESTMODSEQ 11] x\r\n");
	is(fake_to_client(fake), "* 2 EXPUNGE\r\ne OK [HIGHESTMODSEQ 11] x\r\n");
	fake_upstream_says(fake, "* 2 FETCH (MODSEQ (10) UID 9 FLAGS (MODSEQ))\r\n"
			   "* 2 FETCH (MODSEQ (10) BODY[] \"x\")\r\n"
			   "* ENABLED UTF8=ACCEPT\r\n");
	is(fake_to_client(fake), "* 2 FETCH (MODSEQ (10) UID 9 FLAGS (MODSEQ))\r\n");
	fake_client_says(fake, "f SELECT z\r\n");
	fake_upstream_says(fake, "* OK [NOMODSEQ] none\r\nL7 OK in\r\n");
	is(fake_to_client(fake), "* OK [NOMODSEQ] none\r\nf OK in\r\n");
	fake_free(fake);
}

static void one_that_is_marked_tells_its_new_modseq(void **state)
{
	struct fake *fake = fetching("c UID FETCH 9 (BODY[TEXT])\r\n", SEALED("3", "9"));

	(void)state;
	names_are(fake, ASK_VIEW, "9", 1);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_upstream(fake), "L5 UID FETCH 9 (UID FLAGS BODY[HEADER]<0.1>)\r\n");
	fake_upstream_says(fake, "* 3 FETCH (UID 9 FLAGS () BODY[HEADER]<0> \"X\")\r\n"
			   "* 3 FETCH (UID 9 FLAGS (\\Seen) MODSEQ (12))\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 3 FETCH (UID 9 BODY[TEXT] {7}\r\nhello\r\n "
	   "FLAGS (\\Seen) MODSEQ (12))\r\nc OK done\r\n");
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_enabled_upstream_where_upstream_has_it),
		cmocka_unit_test(a_mailbox_is_selected_with_it),
		cmocka_unit_test(flags_that_have_changed_pass),
		cmocka_unit_test(content_of_what_has_changed_is_answered),
		cmocka_unit_test(codes_and_numbers_pass_but_no_uids_of_what_has_gone),
		cmocka_unit_test(one_that_is_marked_tells_its_new_modseq),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
