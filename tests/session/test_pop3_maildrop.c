/* What a POP3 client is told of its maildrop, and what it is shown of a view. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/conn.h"
#include "proxy/session/pop3_state.h"
#include "tests/session/pop3_talk.h"

#define VIEW "Subject: x\r\n\r\none\r\n.two\r\n"		/* of 25 octets */

/* A maildrop of three: clear (20 octets), a view, and clear (30). Ends where the answer
 * to `command` is due. */
static struct fake *surveyed(const char *command)
{
	static const enum shape_kind kinds[] = { SHAPE_CLEAR, SHAPE_VIEW, SHAPE_CLEAR };
	struct fake *fake = logged_in(&plain, USUAL);

	fake_client_says(fake, command);
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n2 bb\r\n3 cc\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 20\r\n2 1000\r\n3 30\r\n.\r\n");
	policy_knows(fake, kinds, 3, VIEW);
	while (fake_question(fake) && fake_question(fake)->kind == ASK_CLEAR)
		fake_policy_says(fake, ANSWER_YES, 0, "", "");
	(void)fake_to_upstream(fake);
	return fake;
}

/* Says `command`; upstream, if it is asked, `answer`. */
static void told(struct fake *fake, const char *command, const char *answer, const char *want)
{
	(void)fake_to_client(fake);
	(void)fake_to_upstream(fake);
	fake_client_says(fake, command);
	if (answer)
		fake_upstream_says(fake, answer);
	else
		is(fake_to_upstream(fake), "");
	is(fake_to_client(fake), want);
}

/* THREATS 100, 105 */
static void what_is_deleted_is_told_of_no_more(void **state)
{
	struct fake *fake = surveyed("STAT\r\n");

	(void)state;
	is(fake_to_client(fake), "+OK 3 75\r\n");
	told(fake, "DELE 2\r\n", "-ERR not that\r\n", "-ERR not that\r\n");
	told(fake, "STAT\r\n", NULL, "+OK 3 75\r\n");
	told(fake, "DELE 2\r\n", "+OK\r\n", "+OK \r\n");
	told(fake, "STAT\r\n", NULL, "+OK 2 50\r\n");
	told(fake, "LIST\r\n", NULL, "+OK messages follow\r\n1 20\r\n3 30\r\n.\r\n");
	told(fake, "LIST 2\r\nTOP 2 0\r\nDELE 2\r\nRETR 4\r\n", NULL,
	     "-ERR no such message\r\n-ERR no such message\r\n-ERR no such message\r\n"
	     "-ERR no such message\r\n");
	told(fake, "RSET\r\n", "-ERR no\r\n", "-ERR no\r\n");
	told(fake, "STAT\r\n", NULL, "+OK 2 50\r\n");
	told(fake, "RSET\r\n", "+OK again\r\n", "+OK again\r\n");
	told(fake, "STAT\r\nLIST 2\r\n", NULL, "+OK 3 75\r\n+OK 2 25\r\n");
	/* nor is policy told of what was not deleted after all */
	told(fake, "QUIT\r\n", "+OK bye\r\n", "+OK bye\r\n");
	assert_int_equal(fake_asked(fake, ASK_GONE), 0);
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

/* THREATS 105: nobody is logged in, and upstream need not be asked. */
static void who_is_not_logged_in_may_quit(void **state)
{
	struct fake *fake = fake_new(&plain);

	(void)state;
	fake_upstream_ready(fake);
	fake_upstream_says(fake, "+OK upstream\r\n");
	fake_upstream_says(fake, "-ERR what\r\n");
	told(fake, "QUIT\r\nCAPA\r\n", NULL, "+OK bye\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
}

/* THREATS 102: unique-ids and sizes are of the same messages, or of none. */
static void two_lists_that_differ_are_not_believed(void **state)
{
	static const char *const sizes[] = {
		"+OK\r\n1 20\r\n.\r\n", "+OK\r\n1 20\r\n2 30\r\n3 40\r\n.\r\n", "+OK\r\n.\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct fake *fake = logged_in(&plain, "UIDL\r\nUSER\r\n");

		fake_client_says(fake, "STAT\r\n");
		fake_upstream_says(fake, "+OK\r\n1 3\r\n2 1\r\n.\r\n");
		fake_upstream_says(fake, sizes[i]);
		is(fake_to_client(fake), "-ERR [SYS/TEMP] upstream's lists of messages differ\r\n");
		assert_null(fake_question(fake));
		fake_free(fake);
	}
}

/* ... and where there are none, nothing is known in another session. */
static void without_unique_ids_a_view_is_the_sessions_own(void **state)
{
	static const enum shape_kind kinds[] = { SHAPE_CLEAR, SHAPE_UNKNOWN };
	struct fake *fake = logged_in(&plain, "TOP\r\nUSER\r\n");

	(void)state;
	fake_client_says(fake, "STAT\r\n");
	is(fake_to_upstream(fake), "LIST\r\n");
	fake_upstream_says(fake, "+OK\r\n1 20\r\n2 1000\r\n.\r\n");
	is(fake_question(fake)->place.mailbox, "session 0000000000000007");
	is(fake_question(fake)->place.names.at[0], "1");
	is(fake_question(fake)->place.names.at[1], "2");
	policy_knows(fake, kinds, 2, VIEW);
	is(fake_to_upstream(fake), "TOP 2 60\r\n");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	is(fake_to_upstream(fake), "RETR 2\r\n");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	is(fake_question(fake)->place.mailbox, "session 0000000000000007");
	is(fake_question(fake)->place.names.at[0], "2");
	fake_free(fake);
}

/* Only where upstream says that it takes several at once, and then not all. */
static void looks_are_pipelined_where_that_is_offered(void **state)
{
	enum { N = 120 };
	static const char *const offered[] = { "TOP\r\nUIDL\r\n", "TOP\r\nUIDL\r\nPIPELINING\r\n" };
	enum shape_kind kinds[N];

	(void)state;
	for (size_t k = 0; k < N; k++)
		kinds[k] = SHAPE_UNKNOWN;
	for (int i = 0; i < 2; i++) {
		struct fake *fake = logged_in(&plain, offered[i]);
		size_t lines = 0, asked = 0;
		struct buf names, sizes;
		const char *said;

		buf_init(&names, 10000);
		buf_init(&sizes, 10000);
		(void)buf_puts(&names, "+OK\r\n");
		(void)buf_puts(&sizes, "+OK\r\n");
		for (unsigned k = 1; k <= N; k++) {
			(void)buf_printf(&names, "%u u%u\r\n", k, k);
			(void)buf_printf(&sizes, "%u 9\r\n", k);
		}
		(void)buf_puts(&names, ".\r\n");
		(void)buf_puts(&sizes, ".\r\n");
		fake_client_says(fake, "STAT\r\n");
		fake_upstream_sends(fake, buf_span(&names));
		fake_upstream_sends(fake, buf_span(&sizes));
		buf_free(&names);
		buf_free(&sizes);
		(void)fake_to_upstream(fake);
		policy_knows(fake, kinds, N, VIEW);
		while (asked < N) {
			for (lines = 0, said = fake_to_upstream(fake); *said; said++)
				lines += *said == '\n';
			asked += lines;
			assert_int_equal(lines, i == 0 ? 1 : asked == 50 ? 50 : 1);
			fake_upstream_says(fake, "+OK\r\nSubject: x\r\n\r\n.\r\n");
		}
		for (int k = 1; i && k < 50; k++)
			fake_upstream_says(fake, "+OK\r\nSubject: x\r\n\r\n.\r\n");
		assert_int_equal(fake_question(fake)->kind, ASK_CLEAR);
		assert_int_equal(fake_question(fake)->place.names.n, N);
		fake_free(fake);
	}
}

/* THREATS 100: what LIST told of a message is what is shown of it. */
static void a_view_of_another_size_or_kind_is_not_shown(void **state)
{
	static const char view[] = "Subject: x\r\n\r\none\r\n.two\r\nthree\r\n";
	static const char again[] = "-ERR [SYS/TEMP] a message cannot be opened now: try again\r\n";
	struct fake *fake = surveyed("RETR 2\r\n");
	struct buf entries;

	(void)state;
	fake_policy_shows_text(fake, ANSWER_VIEW, view);
	is(fake_to_client(fake), "-ERR [SYS/TEMP] upstream shows another message than before\r\n");
	assert_true(fake_session_over(fake));
	fake_free(fake);
	/* opened anew: of another size; clear; and as it was */
	fake = surveyed("RETR 2\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, view);
	is(fake_to_client(fake), again);
	told(fake, "STAT\r\nLIST 2\r\n", NULL, "+OK 3 75\r\n+OK 2 25\r\n");
	fake_client_says(fake, "TOP 2 0\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	is(fake_to_upstream(fake), "RETR 2\r\n");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	buf_init(&entries, SHAPE_MAX);
	(void)shape_entry_encode(&(struct shape_entry){ .kind = SHAPE_CLEAR }, &entries);
	fake_policy_shows(fake, ANSWER_VIEW, buf_span(&entries), span_str(""));
	buf_free(&entries);
	is(fake_to_client(fake), again);
	is(fake_to_upstream(fake), "");
	/* what upstream does not give any more is still in the list */
	fake_client_says(fake, "RETR 2\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	fake_upstream_says(fake, "-ERR not now\r\n");
	is(fake_to_client(fake), "-ERR not now\r\n");
	told(fake, "STAT\r\n", NULL, "+OK 3 75\r\n");
	fake_client_says(fake, "RETR 2\r\n");
	fake_policy_says(fake, ANSWER_UNKNOWN, 0, "", "");
	fake_upstream_says(fake, "+OK\r\n" SEALED ".\r\n");
	fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
	is(fake_to_client(fake), "+OK 25 octets\r\nSubject: x\r\n\r\none\r\n..two\r\n.\r\n");
	fake_free(fake);
}

/* The entry of a view whose lines end as they may. */
static void put_view(const char *view, struct buf *entries)
{
	uint64_t size = strlen(view);
	struct shape_entry entry = {
		.kind = SHAPE_VIEW,
		.shape = { .size = size, .header = { 0, size }, .text = { size, 0 },
			   .envelope = span_str("(e)"), .body = span_str("(b)"),
			   .bodystructure = span_str("(s)") },
	};

	assert_int_equal(shape_entry_encode(&entry, entries), 0);
}

/* Policy answers with it. */
static void view_comes(struct fake *fake, enum answer_kind kind, const char *view)
{
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	put_view(view, &entries);
	fake_policy_shows(fake, kind, buf_span(&entries),
			  span_str(kind == ANSWER_VIEW ? view : ""));
	buf_free(&entries);
}

/* A maildrop of one message, which looks like `view`. */
static struct fake *with_view(const char *view)
{
	struct fake *fake = logged_in(&plain, "TOP\r\nUIDL\r\n");

	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n.\r\n");
	view_comes(fake, ANSWER_SHAPES, view);
	has(fake_to_client(fake), "+OK 1 ");
	(void)fake_to_upstream(fake);
	return fake;
}

/* THREATS 101, 103: by its lines, also those that no CRLF ends. */
static void of_a_view_so_many_lines_are_shown(void **state)
{
	static const struct {
		const char *view, *command, *want;
	} cases[] = {
		{ "A: b\r\n\r\none", "TOP 1 0", "A: b\r\n\r\n.\r\n" },
		{ "A: b\r\n\r\none", "TOP 1 1", "A: b\r\n\r\none\r\n.\r\n" },
		{ "A: b\r\n\r\none", "TOP 1 9", "A: b\r\n\r\none\r\n.\r\n" },
		{ "A: b\r\n\r\none", "RETR 1", "A: b\r\n\r\none\r\n.\r\n" },
		{ "A: b\r\n\r\none\r\n\r\ntwo\r\n", "TOP 1 2", "A: b\r\n\r\none\r\n\r\n.\r\n" },
		{ "A: b\r\n\r\n\r\n\r\nx\r\n", "TOP 1 1", "A: b\r\n\r\n\r\n.\r\n" },
		{ "A: b\n\none\ntwo\n", "TOP 1 1", "A: b\n\none\n.\r\n" },
		{ "A\nB: c\r\n\r\none\r\n", "TOP 1 0", "A\nB: c\r\n\r\n.\r\n" },
		{ "A: b\r\n", "TOP 1 5", "A: b\r\n.\r\n" },
		{ "A: b", "TOP 1 5", "A: b\r\n.\r\n" },
		{ ".A: b\r\n\r\n.", "RETR 1", "..A: b\r\n\r\n..\r\n.\r\n" },
		{ ".A: b\r\n\r\n.", "TOP 1 1", "..A: b\r\n\r\n..\r\n.\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = with_view(cases[i].view);
		char *line = mem_printf("%s\r\n", cases[i].command);
		char *want = mem_printf("+OK %zu octets\r\n%s", strlen(cases[i].view),
					cases[i].want);

		for (int again = 0; again < 2; again++) {
			fake_client_says(fake, line);
			view_comes(fake, ANSWER_VIEW, cases[i].view);
			is(fake_to_client(fake), want);
		}
		free(want);
		free(line);
		fake_free(fake);
	}
}

/* THREATS 104: all that is given in pieces is given as fast as it is taken. */
static void a_view_is_not_held_for_who_does_not_take_it(void **state)
{
	static const char *const commands[] = { "RETR 1\r\n", "TOP 1 99999\r\n" };
	char *view = mem_new(900 * 1000 + 1);

	(void)state;
	for (size_t i = 0; i < 900 * 1000; i++)
		view[i] = i % 50 == 48 ? '\r' : i % 50 == 49 ? '\n' : 'a';
	memcpy(view, "A: b\r\n\r\n", 8);
	for (int i = 0; i < 2; i++) {
		struct fake *fake = with_view(view);

		fake_client_stalls(fake);
		fake_client_says(fake, commands[i]);
		fake_policy_shows_text(fake, ANSWER_VIEW, view);
		assert_in_range(fake_client_waiting(fake), CONN_HIGH_WATER,
				CONN_HIGH_WATER + 80 * 1024);
		/* an end in the midst has no words */
		if (i == 0) {
			fake_upstream_leaves(fake, ERR_NONE, "");
			assert_true(fake_session_over(fake));
		}
		fake_client_takes(fake);
		if (i == 0)
			assert_null(strstr(fake_to_client(fake), "-ERR"));
		else
			assert_int_equal(strlen(fake_to_client(fake)),
					 strlen("+OK 900000 octets\r\n.\r\n") + 900 * 1000);
		fake_free(fake);
	}
	free(view);
}

/* 40,000 messages: their list is not held, either. */
static void a_long_list_is_not_held_for_who_does_not_take_it(void **state)
{
	enum { N = 40 * 1000 };
	enum shape_kind kinds[ASK_NAMES_MAX];
	char *names = mem_new(N * 20), *sizes = mem_new(N * 20), *to = names, *at = sizes;
	const char *got;

	(void)state;
	for (int end = 0; end < 2; end++) {
		struct fake *fake = logged_in(&plain, "TOP\r\nUIDL\r\n");

		to = names;
		at = sizes;
		for (unsigned i = 1; i <= N; i++) {
			to += snprintf(to, 20, "%u u\r\n", i);
			at += snprintf(at, 20, "%u 7\r\n", i);
		}
		for (size_t i = 0; i < ASK_NAMES_MAX; i++)
			kinds[i] = SHAPE_CLEAR;
		fake_client_says(fake, "LIST\r\n");
		fake_upstream_says(fake, "+OK\r\n");
		fake_upstream_says(fake, names);
		fake_upstream_says(fake, ".\r\n");
		fake_upstream_says(fake, "+OK\r\n");
		fake_upstream_says(fake, sizes);
		fake_client_stalls(fake);
		fake_upstream_says(fake, ".\r\n");
		while (fake_question(fake) && fake_question(fake)->kind == ASK_SHAPES)
			policy_knows(fake, kinds, ASK_NAMES_MAX, VIEW);
		while (fake_question(fake))
			fake_policy_says(fake, ANSWER_YES, 0, "", "");
		assert_in_range(fake_client_waiting(fake), CONN_HIGH_WATER,
				CONN_HIGH_WATER + 1024);
		if (end) {
			fake_upstream_leaves(fake, ERR_NONE, "");
			assert_true(fake_session_over(fake));
		}
		fake_client_takes(fake);
		got = fake_to_client(fake);
		has(got, "+OK messages follow\r\n1 7\r\n2 7\r\n");
		assert_int_equal(strstr(got, "\r\n40000 7\r\n.\r\n") != NULL, !end);
		assert_null(strstr(got, "-ERR"));
		fake_free(fake);
	}
	free(names);
	free(sizes);
}

/* THREATS 103: a dot is doubled where a line begins, wherever it was cut. */
static void what_is_relayed_keeps_its_dots(void **state)
{
	static const char said[] = "+OK\r\n..A: .b\r\n\r\na.b\r\n...\r\n.. \r\nx.\r\n.\r\n";
	static const char want[] =
		"+OK 20 octets\r\n..A: .b\r\n\r\na.b\r\n...\r\n.. \r\nx.\r\n.\r\n";

	(void)state;
	for (size_t cut = 1; cut < strlen(said); cut++) {
		struct fake *fake = surveyed("RETR 2\r\n");

		/* a view whose last line has no end, before it */
		fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
		(void)fake_to_client(fake);
		fake_client_says(fake, "RETR 1\r\n");
		fake_upstream_sends(fake, span_of(said, cut));
		fake_upstream_says(fake, said + cut);
		is(fake_to_client(fake), want);
		fake_client_says(fake, "UIDL\r\n");
		fake_upstream_says(fake, "+OK\r\n..x\r\n.\r\n");
		is(fake_to_client(fake), "+OK unique-ids follow\r\n..x\r\n.\r\n");
		fake_free(fake);
	}
}

static void behind_a_line_without_an_end_dots_are_doubled(void **state)
{
	static const char view[] = "A: b\r\n\r\nno end";
	struct fake *fake = logged_in(&plain, "TOP\r\n");
	struct buf entries;

	(void)state;
	buf_init(&entries, SHAPE_MAX);
	put_view(view, &entries);
	assert_int_equal(shape_entry_encode(&(struct shape_entry){ .kind = SHAPE_CLEAR }, &entries),
			 0);
	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n2 20\r\n.\r\n");
	fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
	buf_free(&entries);
	fake_policy_says(fake, ANSWER_YES, 0, "", "");
	is(fake_to_client(fake), "+OK 2 34\r\n");
	fake_client_says(fake, "RETR 1\r\n");
	view_comes(fake, ANSWER_VIEW, view);
	is(fake_to_client(fake), "+OK 14 octets\r\nA: b\r\n\r\nno end\r\n.\r\n");
	fake_client_says(fake, "RETR 2\r\n");
	fake_upstream_says(fake, "+OK\r\n..A: b\r\n\r\n.\r\n");
	is(fake_to_client(fake), "+OK 20 octets\r\n..A: b\r\n\r\n.\r\n");
	fake_free(fake);
	fake = with_view(view);
	fake_client_says(fake, "RETR 1\r\n");
	view_comes(fake, ANSWER_VIEW, view);
	(void)fake_to_client(fake);
	told(fake, "UIDL\r\n", "+OK\r\n..x\r\n.\r\n", "+OK unique-ids follow\r\n..x\r\n.\r\n");
	fake_free(fake);
}

/* THREATS 104 */
static void a_list_of_unique_ids_ends_or_is_none(void **state)
{
	struct fake *fake = surveyed("STAT\r\n");
	char *line = mem_new(2 << 20 | 1);
	int n;

	(void)state;
	told(fake, "UIDL\r\n", "-ERR not now\r\n", "-ERR not now\r\n");
	fake_client_says(fake, "UIDL\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n2");
	fake_upstream_leaves(fake, ERR_NONE, "");
	is(fake_to_client(fake), "+OK unique-ids follow\r\n1 aa\r\n2");
	assert_true(fake_session_over(fake));
	fake_free(fake);
	/* nor is a line that does not end kept beyond a megabyte */
	memset(line, 'a', 64 * 1024);
	fake = logged_in(&plain, "UIDL\r\n");
	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 ");
	for (n = 0; n < 100 && fake_upstream_open(fake); n++)
		fake_upstream_says(fake, line);
	assert_in_range(n, 15, 18);
	has(fake_to_client(fake), "-ERR [SYS/TEMP] upstream has too many messages");
	fake_free(fake);
	free(line);
}

/* A header that is longer than is looked at is opened, or tried, though its end came. */
static void a_header_too_long_for_a_look_is_opened(void **state)
{
	static const enum shape_kind kinds[] = { SHAPE_UNKNOWN };
	char *text = mem_new(80 * 1000);

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fake *fake = logged_in(&plain, "TOP\r\nUIDL\r\n");
		char *to = text + snprintf(text, 10, "+OK\r\n");

		fake_client_says(fake, "STAT\r\n");
		fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
		fake_upstream_says(fake, "+OK\r\n1 1000\r\n.\r\n");
		(void)fake_to_upstream(fake);
		policy_knows(fake, kinds, 1, VIEW);
		is(fake_to_upstream(fake), "TOP 1 60\r\n");
		while (to < text + 64 * 1024 - 30 + 200 * i)
			to += snprintf(to, 10, "A: bc\r\n");
		(void)snprintf(to, 30, "\r\nbody\r\n.\r\n");
		fake_upstream_says(fake, text);
		is(fake_to_upstream(fake), i ? "RETR 1\r\n" : "");
		assert_int_equal(fake_question(fake) != NULL, !i);
		fake_free(fake);
	}
	free(text);
}

/* What upstream says is told in printable octets. */
static void no_control_character_is_relayed_in_a_reply(void **state)
{
	struct fake *fake = surveyed("STAT\r\n");

	(void)state;
	told(fake, "NOOP\r\n", "+OK a\x01" "b\tc\x7f\x1b[2J\xc3\xa4\r\n",
	     "+OK a?b?c??[2J\xc3\xa4\r\n");
	told(fake, "UIDL 1\r\n", "-ERR \x07\r\n", "-ERR ?\r\n");
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_deleted_is_told_of_no_more),
		cmocka_unit_test(who_is_not_logged_in_may_quit),
		cmocka_unit_test(two_lists_that_differ_are_not_believed),
		cmocka_unit_test(without_unique_ids_a_view_is_the_sessions_own),
		cmocka_unit_test(looks_are_pipelined_where_that_is_offered),
		cmocka_unit_test(a_view_of_another_size_or_kind_is_not_shown),
		cmocka_unit_test(of_a_view_so_many_lines_are_shown),
		cmocka_unit_test(a_view_is_not_held_for_who_does_not_take_it),
		cmocka_unit_test(a_long_list_is_not_held_for_who_does_not_take_it),
		cmocka_unit_test(what_is_relayed_keeps_its_dots),
		cmocka_unit_test(behind_a_line_without_an_end_dots_are_doubled),
		cmocka_unit_test(a_list_of_unique_ids_ends_or_is_none),
		cmocka_unit_test(a_header_too_long_for_a_look_is_opened),
		cmocka_unit_test(no_control_character_is_relayed_in_a_reply),
	};

	return cmocka_run_group_tests_name("pop3_maildrop", tests, NULL, NULL);
}
