#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "tests/session/imap_talk.h"

enum { MANY = 20 };

/* Messages 1 to MANY with the UIDs 101 and so on: upstream tells `what` of them from
 * `first` on, as the answer to the command `tag`. */
static void upstream_tells(struct fake *fake, const char *tag, unsigned first,
			   const char *what)
{
	char line[200];

	for (unsigned i = first; i <= MANY; i++) {
		snprintf(line, sizeof(line), "* %u FETCH (UID %u%s)\r\n", i, 100 + i, what);
		fake_upstream_says(fake, line);
	}
	snprintf(line, sizeof(line), "%s OK x\r\n", tag);
	fake_upstream_says(fake, line);
}

/* A client asks for the sizes of all; policy is asked what it knows of them. */
static struct fake *asked(const char *command, const char *uids)
{
	struct fake *fake = selected("");

	fake_upstream_says(fake, "* 20 EXISTS\r\n");
	fake_to_client(fake);
	fake_client_says(fake, command);
	is(fake_to_upstream(fake), uids);
	upstream_tells(fake, "L4", 1, "");
	is(fake_to_upstream(fake), "");
	names_are(fake, ASK_SHAPES, "101", MANY);
	return fake;
}

/* The first message is clear, the second has a view, as policy says. */
static void policy_knows_two(struct fake *fake)
{
	struct shape_entry entry = { .kind = SHAPE_CLEAR };
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	assert_int_equal(0, shape_entry_encode(&entry, &entries));
	fake_text_entry(VIEW, &entries);
	entry.kind = SHAPE_UNKNOWN;
	for (unsigned i = 3; i <= MANY; i++)
		assert_int_equal(0, shape_entry_encode(&entry, &entries));
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
}

static void policy_knows_all_clear(struct fake *fake)
{
	struct shape_entry entry = { .kind = SHAPE_CLEAR };
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	for (unsigned i = 1; i <= MANY; i++)
		assert_int_equal(0, shape_entry_encode(&entry, &entries));
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
}

#define IS_CLEAR " BODY[HEADER.FIELDS (CONTENT-TYPE)] {2}\r\n\r\n BODY[TEXT]<0> {2}\r\nhi"

static void only_what_policy_does_not_know_is_looked_at(void **state)
{
	struct fake *fake = asked("c FETCH 1:* (RFC822.SIZE)\r\n", "L4 FETCH 1:* (UID)\r\n");

	(void)state;
	policy_knows_two(fake);
	is(fake_to_upstream(fake), "L5 FETCH 3:20 " KINDS);
	upstream_tells(fake, "L5", 3, IS_CLEAR);
	/* it is told what they are */
	assert_int_equal(1, fake_asked(fake, ASK_CLEAR));
	is(fake_to_upstream(fake), "L6 FETCH 1,3:20 (RFC822.SIZE)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (RFC822.SIZE 5)\r\nL6 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (RFC822.SIZE 5)\r\n");
	names_are(fake, ASK_SHAPES, "102", 1);
	fake_policy_shows_text(fake, ANSWER_SHAPES, VIEW);
	has(fake_to_client(fake), "* 2 FETCH (RFC822.SIZE 47)\r\nc OK");
	/* the next time nobody is asked what they are */
	fake_client_says(fake, "d FETCH 1:* (RFC822.SIZE)\r\n");
	is(fake_to_upstream(fake), "L7 FETCH 1:* (UID)\r\n");
	upstream_tells(fake, "L7", 1, "");
	is(fake_to_upstream(fake), "L8 FETCH 1,3:20 (RFC822.SIZE)\r\n");
	fake_free(fake);
}

static void all_is_looked_at_when_policy_does_not_answer(void **state)
{
	struct fake *fake = asked("c UID FETCH 1:* (RFC822.SIZE)\r\n",
				  "L4 UID FETCH 1:* (UID)\r\n");

	(void)state;
	fake_policy_is_silent(fake);
	is(fake_to_upstream(fake), "L5 UID FETCH 101:120 " KINDS);
	upstream_tells(fake, "L5", 1, IS_CLEAR);
	assert_int_equal(0, fake_asked(fake, ASK_CLEAR));
	is(fake_to_upstream(fake), "L6 UID FETCH 101:120 (RFC822.SIZE)\r\n");
	fake_free(fake);
}

static void upstreams_refusal_is_told_though_policy_was_asked_in_between(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_upstream_says(fake, "* 20 EXISTS\r\n");
	fake_to_client(fake);
	fake_client_says(fake, "c FETCH 1:* (RFC822.SIZE)\r\n");
	fake_to_upstream(fake);
	for (unsigned i = 1; i <= MANY; i++) {
		char *line = mem_printf("* %u FETCH (UID %u)\r\n", i, 100 + i);

		fake_upstream_says(fake, line);
		free(line);
	}
	fake_upstream_says(fake, "L4 NO [EXPUNGEISSUED] some have gone\r\n");
	policy_knows_all_clear(fake);
	is(fake_to_upstream(fake), "L5 FETCH 1:20 (RFC822.SIZE)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (RFC822.SIZE 5)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (RFC822.SIZE 5)\r\n"
	   "c NO [EXPUNGEISSUED] some have gone\r\n");
	fake_free(fake);
}

static void a_few_are_looked_at_without_a_question(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_upstream_says(fake, "* 20 EXISTS\r\n");
	fake_client_says(fake, "c UID FETCH 101:104 (RFC822.SIZE)\r\n");
	is(fake_to_upstream(fake), "L4 UID FETCH 101:104 " KINDS);
	fake_free(fake);
}

static void a_client_that_leaves_takes_the_question_with_it(void **state)
{
	struct fake *fake = asked("c FETCH 1:* (RFC822.SIZE)\r\n", "L4 FETCH 1:* (UID)\r\n");

	(void)state;
	fake_client_leaves(fake);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

/* What upstream makes of that would keep all others of the worker waiting. */
static void others_have_their_turn_while_upstream_tells_in_no_order(void **state)
{
	struct fake *fake = selected("");
	struct buf lines;

	(void)state;
	buf_init(&lines, 1024 * 1024);
	for (unsigned i = 3000; i > 0; i--)
		assert_int_equal(0, buf_printf(&lines, "* %u FETCH (UID %u)\r\n", i, i));
	assert_int_equal(0, buf_puts(&lines, "L4 OK x\r\n"));
	fake_upstream_says(fake, "* 3000 EXISTS\r\n");
	fake_client_says(fake, "c FETCH 1:* (RFC822.SIZE)\r\n");
	is(fake_to_upstream(fake), "L4 FETCH 1:* (UID)\r\n");
	fake_upstream_sends(fake, buf_span(&lines));
	for (unsigned turns = 0; turns < 4; turns++) {
		assert_int_equal(0, fake_asked(fake, ASK_SHAPES));
		assert_true(fake_turn(fake));
	}
	assert_false(fake_turn(fake));
	names_are(fake, ASK_SHAPES, "1", 500);
	buf_free(&lines);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_policy_does_not_know_is_looked_at),
		cmocka_unit_test(all_is_looked_at_when_policy_does_not_answer),
		cmocka_unit_test(upstreams_refusal_is_told_though_policy_was_asked_in_between),
		cmocka_unit_test(a_few_are_looked_at_without_a_question),
		cmocka_unit_test(a_client_that_leaves_takes_the_question_with_it),
		cmocka_unit_test(others_have_their_turn_while_upstream_tells_in_no_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
