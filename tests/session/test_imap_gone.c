/* What goes without being named: by CLOSE, and with its mailbox. Policy is told of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/session/imap_talk.h"

/* A mailbox is selected in which 8 and 9 have views. */
static struct fake *looked_at(void)
{
	struct fake *fake = fetching("c FETCH 1:3 RFC822.SIZE\r\n", CLEAR("1", "7")
				     SEALED("2", "8") SEALED("3", "9"));
	struct buf entries;

	fake_upstream_says(fake, "L5 OK\r\n");
	buf_init(&entries, SHAPE_MAX);
	fake_text_entry(VIEW, &entries);
	fake_text_entry(VIEW, &entries);
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
	has(fake_to_client(fake), "c OK done\r\n");
	(void)fake_to_upstream(fake);
	return fake;
}

static void closed(struct fake *fake, unsigned gone)
{
	fake_upstream_says(fake, "L7 OK bye\r\n");
	has(fake_to_client(fake), "d OK bye\r\n");
	assert_int_equal(fake_asked(fake, ASK_GONE), gone);
	fake_free(fake);
}

static void what_close_expunges_is_told(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	fake_client_says(fake, "d CLOSE\r\n");
	is(fake_to_upstream(fake), "L6 UID SEARCH DELETED\r\n");
	fake_upstream_says(fake, "* SEARCH 8 9\r\n* 4 EXISTS\r\nL6 OK found\r\n");
	is(fake_to_client(fake), "* 4 EXISTS\r\n");
	is(fake_to_upstream(fake), "L7 CLOSE\r\n");
	assert_int_equal(fake_asked(fake, ASK_GONE), 0);
	closed(fake, 1);
}

/* Of more than one message of so many may be held. */
static const char *long_answer(void)
{
	static char text[400 * 1000];
	size_t len = (size_t)snprintf(text, sizeof(text), "* SEARCH");

	while (len < sizeof(text) - 40)
		len += (size_t)snprintf(text + len, sizeof(text) - len, " %zu", len);
	(void)snprintf(text + len, sizeof(text) - len, "\r\nL6 OK many\r\n");
	return text;
}

/* Nothing is deleted, upstream does not tell, or tells of more than can be read. */
static void what_is_not_known_to_go_is_kept(void **state)
{
	const char *const said[] = {
		"* SEARCH\r\nL6 OK none\r\n", "L6 NO not now\r\n", "L6 BAD what\r\n",
		"* SEARCH 99999999999 8\r\nL6 OK odd\r\n", long_answer(),
		"* SEARCH 1 2 3 4 5 6 7 10 11\r\nL6 OK others\r\n",	/* no views */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
		struct fake *fake = looked_at();

		fake_client_says(fake, "d CLOSE\r\n");
		fake_upstream_says(fake, said[i]);
		is(fake_to_client(fake), "");
		has(fake_to_upstream(fake), "L7 CLOSE\r\n");
		closed(fake, 0);
	}
}

static void what_close_leaves_there_is_kept(void **state)
{
	struct fake *fake = looked_at();

	(void)state;
	fake_client_says(fake, "d CLOSE\r\n");
	fake_upstream_says(fake, "* SEARCH 8\r\nL6 OK found\r\nL7 NO not now\r\n");
	is(fake_to_client(fake), "d NO not now\r\n");
	fake_client_says(fake, "e NOOP\r\n");
	fake_upstream_says(fake, "L8 OK\r\n");
	fake_client_says(fake, "f UNSELECT\r\n");
	fake_upstream_says(fake, "L9 OK\r\n");
	has(fake_to_client(fake), "f OK\r\n");
	assert_int_equal(fake_asked(fake, ASK_GONE), 0);
	fake_free(fake);
	/* it has not come to that */
	fake = looked_at();
	fake_client_says(fake, "d CLOSE\r\n");
	fake_upstream_says(fake, "* SEARCH 8\r\n");
	fake_upstream_leaves(fake, ERR_NONE, "");
	has(fake_to_client(fake), "* BYE");
	assert_int_equal(fake_asked(fake, ASK_GONE), 0);
	fake_free(fake);
}

/* Who has looked at nothing, copies, or unselects. */
static void who_expunges_nothing_is_not_asked_about(void **state)
{
	static const struct {
		const char *before, *answer, *said, *heard;
	} cases[] = {
		{ "e UID COPY 8 x\r\n", "L6 OK x\r\n", "d CLOSE\r\n", "L7 CLOSE\r\n" },
		{ "e NOOP\r\n", "L6 OK x\r\n", "d UNSELECT\r\n", "L7 UNSELECT\r\n" },
		{ "e SELECT INBOX\r\n", "L6 OK x\r\n", "d CLOSE\r\n", "L7 CLOSE\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = looked_at();

		fake_client_says(fake, cases[i].before);
		fake_upstream_says(fake, cases[i].answer);
		(void)fake_to_client(fake);
		(void)fake_to_upstream(fake);
		fake_client_says(fake, cases[i].said);
		is(fake_to_upstream(fake), cases[i].heard);
		closed(fake, 0);
	}
}

static void a_mailbox_that_is_deleted_is_told(void **state)
{
	static const struct {
		const char *said, *heard, *answer;
		bool told;
	} cases[] = {
		{ "c DELETE \"Old &- new\"\r\n", "L4 DELETE \"Old &- new\"\r\n", "OK", true },
		{ "c DELETE Old\r\n", "L4 DELETE Old\r\n", "NO", false },
		{ "c CREATE Old\r\n", "L4 CREATE Old\r\n", "OK", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = selected("");
		char said[40], heard[40];

		(void)fake_to_upstream(fake);
		fake_client_says(fake, cases[i].said);
		is(fake_to_upstream(fake), cases[i].heard);
		(void)snprintf(said, sizeof(said), "L4 %s so\r\n", cases[i].answer);
		(void)snprintf(heard, sizeof(heard), "c %s so\r\n", cases[i].answer);
		fake_upstream_says(fake, said);
		is(fake_to_client(fake), heard);
		assert_int_equal(fake_asked(fake, ASK_DELETED), cases[i].told);
		fake_free(fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_close_expunges_is_told),
		cmocka_unit_test(what_is_not_known_to_go_is_kept),
		cmocka_unit_test(what_close_leaves_there_is_kept),
		cmocka_unit_test(who_expunges_nothing_is_not_asked_about),
		cmocka_unit_test(a_mailbox_that_is_deleted_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
