#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/session/pop3_state.h"
#include "proxy/session/shares.h"
#include "tests/session/pop3_talk.h"

#define VIEW "X-Letterlock: decrypted; signature=none\r\nSubject: x\r\n\r\n.one\r\ntwo\r\n"
#define OFFERED USUAL "UTF8\r\nSASL PLAIN SCRAM-SHA-256-PLUS\r\n"
#define CLEAR "Subject: y\r\n\r\n.text\r\n"

/* A maildrop of two: the first has a view, the second is clear. Ends where the
 * answer to `command` is due. */
static struct fake *surveyed_with(const struct fake_options *options, const char *command)
{
	static const enum shape_kind kinds[] = { SHAPE_VIEW, SHAPE_CLEAR };
	struct fake *fake = logged_in(options, OFFERED);

	fake_client_says(fake, command);
	is(fake_to_upstream(fake), "UIDL\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n2 bb\r\n.\r\n");
	is(fake_to_upstream(fake), "LIST\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n2 21\r\n.\r\n");
	assert_int_equal(fake_question(fake)->kind, ASK_SHAPES);
	is(fake_question(fake)->place.mailbox, "");
	is(fake_question(fake)->envelope.login, "alice");
	is(fake_question(fake)->place.names.at[1], "bb");
	policy_knows(fake, kinds, 2, VIEW);
	assert_int_equal(fake_question(fake)->kind, ASK_CLEAR);
	is(fake_question(fake)->place.names.at[0], "bb");
	fake_policy_says(fake, ANSWER_YES, 0, "", "");
	return fake;
}

static struct fake *surveyed(const char *command)
{
	return surveyed_with(&plain, command);
}

static void sizes_are_those_of_what_is_shown(void **state)
{
	struct fake *fake = surveyed("LIST\r\n");
	char want[100];

	(void)state;
	snprintf(want, sizeof(want), "+OK messages follow\r\n1 %zu\r\n2 21\r\n.\r\n", strlen(VIEW));
	is(fake_to_client(fake), want);
	fake_client_says(fake, "STAT\r\nLIST 1\r\nLIST 3\r\n");
	snprintf(want, sizeof(want), "+OK 2 %zu\r\n+OK 1 %zu\r\n-ERR no such message\r\n",
		 strlen(VIEW) + 21, strlen(VIEW));
	is(fake_to_client(fake), want);
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void a_view_is_written_with_its_dots_doubled(void **state)
{
	struct fake *fake = surveyed("RETR 1\r\n");
	char want[300];

	(void)state;
	assert_int_equal(fake_question(fake)->kind, ASK_VIEW);
	is(fake_question(fake)->place.names.at[0], "aa");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	snprintf(want, sizeof(want), "+OK %zu octets\r\nX-Letterlock: decrypted; signature=none\r\n"
		 "Subject: x\r\n\r\n..one\r\ntwo\r\n.\r\n", strlen(VIEW));
	is(fake_to_client(fake), want);
	fake_client_says(fake, "TOP 1 1\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "Subject: x\r\n\r\n..one\r\n.\r\n");
	fake_client_says(fake, "TOP 1 0\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "Subject: x\r\n\r\n.\r\n");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void clear_mail_passes_as_it_flows(void **state)
{
	struct fake *fake = surveyed("RETR 2\r\n");

	(void)state;
	is(fake_to_upstream(fake), "RETR 2\r\n");
	fake_upstream_says(fake, "+OK\r\nSubject: y\r\n\r\n..te");
	fake_upstream_says(fake, "xt\r\n.\r\n");
	is(fake_to_client(fake), "+OK 21 octets\r\nSubject: y\r\n\r\n..text\r\n.\r\n");
	fake_client_says(fake, "TOP 2 5\r\n");
	is(fake_to_upstream(fake), "TOP 2 5\r\n");
	fake_upstream_says(fake, "-ERR gone\r\n");
	is(fake_to_client(fake), "-ERR gone\r\n");
	fake_free(fake);
}

static void a_forged_verdict_in_what_was_clear_ends_the_session(void **state)
{
	struct fake *fake = surveyed("RETR 2\r\n");

	(void)state;
	(void)fake_to_upstream(fake);
	fake_upstream_says(fake, "+OK\r\nX-Letterlock: decrypted; signature=good\r\n\r\n"
				 "x\r\n.\r\n");
	has(fake_to_client(fake), "-ERR [SYS/TEMP] upstream shows another message");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void what_nobody_has_looked_at_is_looked_at_and_opened(void **state)
{
	struct fake *fake = logged_in(&plain, OFFERED);
	struct buf entries;

	(void)state;
	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n2 bb\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n2 21\r\n.\r\n");
	(void)fake_to_upstream(fake);
	buf_init(&entries, SHAPE_MAX);
	for (int i = 0; i < 2; i++)
		(void)shape_entry_encode(&(struct shape_entry){ .kind = SHAPE_UNKNOWN }, &entries);
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
	is(fake_to_upstream(fake), "TOP 1 60\r\nTOP 2 60\r\n");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n+OK\r\nSubject: y\r\n\r\n..text\r\n.\r\n");
	is(fake_to_upstream(fake), "RETR 1\r\n");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	assert_int_equal(fake_question(fake)->kind, ASK_OPEN);
	is(fake_question_bytes(fake), SEALED);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	assert_int_equal(fake_question(fake)->kind, ASK_CLEAR);
	fake_policy_says(fake, ANSWER_YES, 0, "", "");
	has(fake_to_client(fake), "+OK 2 ");
	fake_free(fake);
}

static void policy_that_does_not_answer_tells_no_sizes(void **state)
{
	struct fake *fake = logged_in(&plain, OFFERED);

	(void)state;
	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n.\r\n");
	fake_policy_is_silent(fake);
	has(fake_to_client(fake), "-ERR [SYS/TEMP]");
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "NOOP\r\n");	/* the session goes on */
	is(fake_to_upstream(fake), "NOOP\r\n");
	fake_upstream_says(fake, "+OK\r\n");
	has(fake_to_client(fake), "+OK");
	fake_free(fake);
}

static void lists_that_are_not_in_order_are_not_believed(void **state)
{
	static const char *const lists[] = {
		"+OK\r\n2 aa\r\n.\r\n", "+OK\r\n1 \r\n.\r\n", "+OK\r\n1 a b\r\n.\r\n",
		"+OK\r\nx\r\n.\r\n", "+OK\r\n1 aa\r\n1 bb\r\n.\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct fake *fake = logged_in(&plain, OFFERED);

		fake_client_says(fake, "STAT\r\n");
		fake_upstream_says(fake, lists[i]);
		has(fake_to_client(fake), "-ERR [SYS/TEMP] upstream's unique-ids");
		fake_free(fake);
	}
}

static void nothing_is_deleted_without_quit(void **state)
{
	struct fake *fake = surveyed("DELE 1\r\n");

	(void)state;
	is(fake_to_upstream(fake), "DELE 1\r\n");
	fake_upstream_says(fake, "+OK\r\n");
	has(fake_to_client(fake), "+OK");
	fake_client_says(fake, "RETR 1\r\nSTAT\r\nRSET\r\n");
	has(fake_to_client(fake), "-ERR no such message\r\n+OK 1 21\r\n");
	is(fake_to_upstream(fake), "RSET\r\n");
	fake_upstream_says(fake, "+OK\r\n");
	(void)fake_to_client(fake);
	fake_client_says(fake, "DELE 1\r\n");
	(void)fake_to_upstream(fake);
	fake_upstream_says(fake, "+OK\r\n");
	fake_client_leaves(fake);
	is(fake_to_upstream(fake), "");
	assert_true(fake_upstream_aborted(fake));
	assert_int_equal(fake_asked(fake, ASK_GONE), 0);
	fake_free(fake);

	fake = surveyed("DELE 1\r\n");
	fake_upstream_says(fake, "+OK\r\n");
	fake_client_says(fake, "QUIT\r\n");
	(void)fake_to_client(fake);
	fake_upstream_says(fake, "+OK bye\r\n");
	has(fake_to_client(fake), "+OK bye\r\n");
	assert_int_equal(fake_asked(fake, ASK_GONE), 1);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void only_what_is_seen_through_is_offered(void **state)
{
	struct fake *fake = greeted(&plain, OFFERED);
	const char *said;

	(void)state;
	(void)fake_to_client(fake);
	fake_client_says(fake, "CAPA\r\n");
	said = fake_to_client(fake);
	has(said, "TOP\r\nUIDL\r\n");
	has(said, "SASL PLAIN\r\n");
	assert_null(strstr(said, "UTF8"));
	assert_null(strstr(said, "PLUS"));
	fake_client_says(fake, "APOP alice x\r\nSTAT\r\n");
	said = fake_to_client(fake);
	has(said, "-ERR");
	is(fake_to_upstream(fake), "");
	fake_free(fake);
}

static void a_client_learns_why_upstream_is_not_there(void **state)
{
	struct fake *fake = fake_new(&plain);

	(void)state;
	fake_upstream_leaves(fake, ERR_TLS, "certificate expired");
	is(fake_to_client(fake), "-ERR [SYS/PERM] upstream provider: certificate expired\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
	fake = logged_in(&plain, OFFERED);
	fake_upstream_leaves(fake, ERR_NONE, "");
	has(fake_to_client(fake), "-ERR [SYS/TEMP] upstream provider: closed the connection");
	fake_free(fake);
}

static void half_a_message_is_never_shown_as_whole(void **state)
{
	struct fake *fake = surveyed("RETR 2\r\n");
	char *long_text = mem_new(200001);

	(void)state;
	(void)fake_to_upstream(fake);
	memset(long_text, 'a', 200000);
	fake_upstream_says(fake, "+OK\r\nSubject: y\r\n\r\n");
	fake_upstream_says(fake, long_text);
	has(fake_to_client(fake), "aaaa");
	fake_upstream_leaves(fake, ERR_PEER, "reset");
	is(fake_to_client(fake), "");
	assert_true(fake_session_over(fake));
	free(long_text);
	fake_free(fake);
}

/* Nor is one whose peer falls silent: no line with a dot ends it. */
static void a_message_that_stops_ends_the_session_without_a_word(void **state)
{
	struct fake *fake = surveyed("RETR 2\r\n");
	char *text = mem_new(900001);

	(void)state;
	for (size_t i = 0; i < 900000; i++)
		text[i] = i % 50 == 48 ? '\r' : i % 50 == 49 ? '\n' : 'a';
	fake_upstream_says(fake, "+OK\r\nSubject: y\r\n\r\n");
	fake_upstream_says(fake, text);
	has(fake_to_client(fake), "Subject: y\r\n\r\naaaa");
	assert_int_equal(0, fake_client_deadline(fake));
	assert_int_equal(POP3_UPSTREAM_WAIT, fake_upstream_deadline(fake));
	fake_time_passes(fake, POP3_UPSTREAM_WAIT - 1);
	assert_true(fake_client_open(fake));
	fake_time_passes(fake, 1);
	is(fake_to_client(fake), "");
	assert_true(fake_session_over(fake));
	fake_free(fake);

	/* a client that takes nothing of it */
	fake = surveyed("RETR 2\r\n");
	(void)fake_to_client(fake);
	fake_client_stalls(fake);
	fake_upstream_says(fake, "+OK\r\nSubject: y\r\n\r\n");
	fake_upstream_says(fake, text);
	assert_int_equal(0, fake_upstream_deadline(fake));
	assert_int_equal(POP3_UPSTREAM_WAIT, fake_client_deadline(fake));
	fake_time_passes(fake, POP3_UPSTREAM_WAIT);
	assert_true(fake_session_over(fake));
	assert_false(fake_upstream_open(fake));
	free(text);
	fake_free(fake);
}

/* The gateway holds the message meanwhile, and upstream has nothing to say. */
static void who_does_not_take_a_view_is_cut_off(void **state)
{
	struct fake *fake = logged_in(&plain, OFFERED);
	char *view = mem_printf("Subject: x\r\n\r\n%700000s\r\n", "");
	struct buf entries;

	(void)state;
	fake_client_says(fake, "RETR 1\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n.\r\n");
	buf_init(&entries, SHAPE_MAX);
	fake_text_entry(view, &entries);
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
	fake_client_stalls(fake);
	fake_policy_shows_text(fake, ANSWER_VIEW, view);
	assert_int_equal(POP3_UPSTREAM_WAIT, fake_client_deadline(fake));
	fake_time_passes(fake, POP3_UPSTREAM_WAIT - 1);
	assert_true(fake_client_open(fake));
	fake_time_passes(fake, 1);
	assert_true(fake_session_over(fake));
	free(view);
	fake_free(fake);
}

static void who_drains_lets_go_between_two_commands(void **state)
{
	struct fake *fake = surveyed("RETR 2\r\n");

	(void)state;
	fake_drain(fake);
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "+OK\r\n\r\n.\r\n");
	has(fake_to_client(fake), "\r\n.\r\n-ERR [SYS/TEMP] shutting down\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

static void silent_clients_are_cut_off(void **state)
{
	struct fake *fake = logged_in(&plain, OFFERED);

	(void)state;
	assert_int_equal(fake_client_deadline(fake), 10 * 60 * 1000);
	fake_client_says(fake, "NOOP\r\n");
	assert_int_equal(fake_client_deadline(fake), 0);	/* upstream's turn */
	fake_upstream_says(fake, "+OK\r\n");
	assert_int_equal(fake_client_deadline(fake), 10 * 60 * 1000);
	fake_client_times_out(fake);
	assert_true(fake_session_over(fake));
	fake_free(fake);
	fake = greeted(&plain, OFFERED);
	assert_int_equal(fake_client_deadline(fake), 3 * 60 * 1000);
	fake_free(fake);
}

/* --- room --- */

#define NO_ROOM "-ERR [SYS/TEMP] the gateway has no room to open a message now: try again\r\n"

/* RETR of a message whose view policy does not keep any more, in a full spool. */
static struct fake *waiting(const char *command, uint64_t *taken)
{
	struct fake *fake = surveyed(command);

	*taken = fake_others_take_all_but(fake, 0);
	assert_int_equal(fake_question(fake)->kind, ASK_VIEW);
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	is(fake_to_upstream(fake), "");
	is(fake_to_client(fake), "");
	return fake;
}

static void a_full_spool_is_waited_for(void **state)
{
	static const char *const commands[] = { "RETR 1\r\n", "TOP 1 9\r\n" };

	const uint64_t stored = 4096;		/* a page */
	char *large = mem_printf("Subject: x\r\n\r\n%5000s\r\n", "");

	(void)state;
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++) {
		uint64_t taken;
		struct fake *fake = waiting(commands[i], &taken);

		fake_time_passes(fake, 14 * 1000);
		is(fake_to_upstream(fake), "");
		spool_budget_give(fake_budget(fake), taken);
		fake_time_passes(fake, 200);
		is(fake_to_upstream(fake), "RETR 1\r\n");
		fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
		assert_int_equal(fake_question(fake)->kind, ASK_OPEN);
		/* the view has no room either; by then policy keeps it */
		taken = fake_others_take_all_but(fake, 0);
		fake_policy_shows_text(fake, ANSWER_VIEW, large);
		assert_null(fake_question(fake));
		/* nothing is held meanwhile, not even what it was made from */
		assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), stored);
		spool_budget_give(fake_budget(fake), taken);
		fake_time_passes(fake, 200);
		assert_int_equal(fake_question(fake)->kind, ASK_VIEW);
		fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
		has(fake_to_client(fake), "Subject: x\r\n\r\n..one\r\ntwo\r\n.\r\n");
		is(fake_to_upstream(fake), "");
		fake_free(fake);
	}
	free(large);
}

static void another_view_than_the_one_that_was_told_of_is_not_shown(void **state)
{
	struct fake *fake = surveyed("RETR 1\r\n");

	(void)state;
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");	/* not any more */
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, "Subject: x\r\n\r\nlonger than it was\r\n");
	is(fake_to_client(fake), "-ERR [SYS/TEMP] a message cannot be opened now: try again\r\n");
	fake_free(fake);
}

static void who_waited_in_vain_is_told_so_and_goes_on(void **state)
{
	uint64_t taken;
	struct fake *fake = waiting("RETR 1\r\n", &taken);

	(void)state;
	for (int i = 0; i < 149; i++)
		fake_time_passes(fake, 100);
	is(fake_to_client(fake), "");
	fake_time_passes(fake, 200);
	is(fake_to_client(fake), NO_ROOM);
	is(fake_to_upstream(fake), "");
	/* what is clear needs none */
	fake_client_says(fake, "RETR 2\r\n");
	is(fake_to_upstream(fake), "RETR 2\r\n");
	fake_upstream_says(fake, "+OK\r\nSubject: y\r\n\r\n..text\r\n.\r\n");
	has(fake_to_client(fake), "..text\r\n.\r\n");
	/* the next command waits anew, here for a view that policy keeps */
	fake_client_says(fake, "RETR 1\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "");
	spool_budget_give(fake_budget(fake), taken);
	fake_time_passes(fake, 200);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "two\r\n.\r\n");
	fake_free(fake);
}

static void what_grows_beyond_its_size_is_waited_for_whole(void **state)
{
	struct fake *fake = surveyed("RETR 1\r\n");
	char *text = mem_new(20001);
	uint64_t taken = fake_others_take_all_but(fake, 8192);

	(void)state;
	for (size_t i = 0; i < 20000; i++)
		text[i] = i % 50 == 48 ? '\r' : i % 50 == 49 ? '\n' : 'a';
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	for (int i = 0; i < 2; i++) {
		is(fake_to_upstream(fake), "RETR 1\r\n");
		fake_upstream_says(fake, "+OK\r\n");
		fake_upstream_says(fake, text);
		fake_upstream_says(fake, ".\r\n");
		if (i == 0) {
			is(fake_to_client(fake), "");
			assert_int_equal(spool_budget_free_bytes(fake_budget(fake)), 8192);
			spool_budget_give(fake_budget(fake), 8192);	/* still too little */
			fake_time_passes(fake, 1000);
			is(fake_to_upstream(fake), "");
			spool_budget_give(fake_budget(fake), taken - 8192);
			fake_time_passes(fake, 200);
		}
	}
	assert_int_equal(fake_question(fake)->kind, ASK_OPEN);
	assert_int_equal(strlen(fake_question_bytes(fake)), 20000);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "two\r\n.\r\n");
	free(text);
	fake_free(fake);
}

/* RETR from a maildrop of one message, larger than any spool, that begins like `front`. */
static struct fake *with_large(const char *front)
{
	struct fake *fake = logged_in(&plain, OFFERED);
	struct buf entries;

	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 9000000000000000000\r\n.\r\n");
	(void)fake_to_upstream(fake);
	buf_init(&entries, SHAPE_MAX);
	(void)shape_entry_encode(&(struct shape_entry){ .kind = SHAPE_UNKNOWN }, &entries);
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
	is(fake_to_upstream(fake), "TOP 1 60\r\n");
	fake_upstream_says(fake, front);
	is(fake_to_client(fake), "+OK 1 9000000000000000000\r\n");
	is(fake_to_upstream(fake), "");		/* nor is it fetched */
	fake_client_says(fake, "RETR 1\r\n");
	return fake;
}

/* THREATS 93, 137. */
static void what_no_spool_can_hold_passes_unless_it_bears_a_verdict(void **state)
{
	static const char *const withheld[] = {
		"+OK\r\nX-Letterlock: yes\r\n" SEALED ".\r\n",
		"+OK\r\nA: b\rX-Letterlock: yes\r\n" SEALED ".\r\n",
		"-ERR not now\r\n",
	};
	struct fake *fake = with_large("+OK\r\n" SEALED ".\r\n");

	(void)state;
	is(fake_to_upstream(fake), "RETR 1\r\n");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	is(fake_to_client(fake), "+OK 9000000000000000000 octets\r\n" SEALED ".\r\n");
	fake_free(fake);
	for (size_t i = 0; i < sizeof(withheld) / sizeof(*withheld); i++) {
		fake = with_large(withheld[i]);
		has(fake_to_client(fake), "-ERR [SYS/PERM] the message is larger than ");
		is(fake_to_upstream(fake), "");
		fake_client_says(fake, "TOP 1 0\r\n");
		has(fake_to_client(fake), "-ERR [SYS/PERM] ");
		fake_free(fake);
	}
}

static void a_survey_waits_too(void **state)
{
	struct fake *fake = logged_in(&plain, OFFERED);
	struct buf entries;
	uint64_t taken;

	(void)state;
	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n.\r\n");
	(void)fake_to_upstream(fake);
	buf_init(&entries, SHAPE_MAX);
	(void)shape_entry_encode(&(struct shape_entry){ .kind = SHAPE_UNKNOWN }, &entries);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fake_question(fake)->kind, ASK_SHAPES);
		taken = i ? 0 : fake_others_take_all_but(fake, 0);
		fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
		if (i == 0)
			assert_null(fake_question(fake));
		spool_budget_give(fake_budget(fake), taken);
		fake_time_passes(fake, 200);
	}
	buf_free(&entries);
	is(fake_to_upstream(fake), "TOP 1 60\r\n");
	taken = fake_others_take_all_but(fake, 0);
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	is(fake_to_upstream(fake), "");
	for (int i = 0; i < 151; i++)
		fake_time_passes(fake, 100);
	is(fake_to_client(fake), NO_ROOM);
	spool_budget_give(fake_budget(fake), taken);
	fake_client_says(fake, "STAT\r\n");	/* from its beginning */
	is(fake_to_upstream(fake), "UIDL\r\n");
	fake_free(fake);
}

static void who_waits_may_leave(void **state)
{
	uint64_t taken;
	struct fake *fake = waiting("RETR 1\r\n", &taken);

	(void)state;
	spool_budget_give(fake_budget(fake), taken);
	fake_client_leaves(fake);
	fake_time_passes(fake, 1000);
	assert_true(fake_session_over(fake));
	fake_free(fake);

	fake = waiting("RETR 1\r\n", &taken);
	spool_budget_give(fake_budget(fake), taken);
	fake_upstream_leaves(fake, ERR_NONE, "");
	has(fake_to_client(fake), "-ERR [SYS/TEMP] upstream provider: closed the connection");
	fake_time_passes(fake, 1000);
	is(fake_to_client(fake), "");
	fake_free(fake);
}

static void a_login_has_its_share(void **state)
{
	struct fake_options options = plain;
	struct login_shares same;
	struct fake *fake;

	(void)state;
	options.shared = 128 * 1024;
	fake = surveyed_with(&options, "RETR 1\r\n");
	shares_enter(fake_shares(fake), "alice", &same);
	/* another session of hers */
	assert_true(spool_budget_take(same.reading, 64 * 1024));
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	fake_time_passes(fake, 1000);
	is(fake_to_client(fake), "");
	spool_budget_give(same.reading, 64 * 1024);
	fake_time_passes(fake, 200);
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	has(fake_to_client(fake), "two\r\n.\r\n");
	shares_leave(&same);
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_those_of_what_is_shown),
		cmocka_unit_test(a_view_is_written_with_its_dots_doubled),
		cmocka_unit_test(clear_mail_passes_as_it_flows),
		cmocka_unit_test(a_forged_verdict_in_what_was_clear_ends_the_session),
		cmocka_unit_test(what_nobody_has_looked_at_is_looked_at_and_opened),
		cmocka_unit_test(policy_that_does_not_answer_tells_no_sizes),
		cmocka_unit_test(lists_that_are_not_in_order_are_not_believed),
		cmocka_unit_test(nothing_is_deleted_without_quit),
		cmocka_unit_test(only_what_is_seen_through_is_offered),
		cmocka_unit_test(a_client_learns_why_upstream_is_not_there),
		cmocka_unit_test(half_a_message_is_never_shown_as_whole),
		cmocka_unit_test(a_message_that_stops_ends_the_session_without_a_word),
		cmocka_unit_test(who_does_not_take_a_view_is_cut_off),
		cmocka_unit_test(who_drains_lets_go_between_two_commands),
		cmocka_unit_test(silent_clients_are_cut_off),
		cmocka_unit_test(another_view_than_the_one_that_was_told_of_is_not_shown),
		cmocka_unit_test(a_full_spool_is_waited_for),
		cmocka_unit_test(who_waited_in_vain_is_told_so_and_goes_on),
		cmocka_unit_test(what_grows_beyond_its_size_is_waited_for_whole),
		cmocka_unit_test(what_no_spool_can_hold_passes_unless_it_bears_a_verdict),
		cmocka_unit_test(a_survey_waits_too),
		cmocka_unit_test(who_waits_may_leave),
		cmocka_unit_test(a_login_has_its_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
