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

#define MESSAGE "Subject: in\r\n\r\n"
#define ASKED "c FETCH 1 "

/* A view whose body is encoded. */
static void view_comes(struct fake *fake, const char *view, enum shape_encoding encoding)
{
	uint64_t size = strlen(view), header = strlen(MESSAGE);
	struct shape_part part = { .path = { 1 }, .path_n = 1, .mime = { 0, header },
				   .body = { header, size - header }, .encoding = encoding };
	struct shape_entry entry = {
		.kind = SHAPE_VIEW,
		.shape = { .size = size, .header = { 0, header },
			   .text = { header, size - header }, .envelope = span_str("(e)"),
			   .body = span_str("(b)"), .bodystructure = span_str("(s)"),
			   .parts = &part, .parts_n = 1 },
	};
	struct buf entries;

	buf_init(&entries, SHAPE_MAX);
	assert_int_equal(0, shape_entry_encode(&entry, &entries));
	fake_policy_shows(fake, ANSWER_VIEW, buf_span(&entries), span_str(view));
	buf_free(&entries);
}

/* The client's FETCH of what needs a view, which policy is asked for. */
static struct fake *asking(const char *command)
{
	struct fake *fake = selected("BINARY");

	fake_client_says(fake, command);
	has(fake_to_upstream(fake), " " KINDS);
	fake_upstream_says(fake, SEALED("1", "7") "L4 OK x\r\n");
	return fake;
}

static void gives(const char *command, enum shape_encoding encoding, const char *body,
		  struct span want)
{
	struct fake *fake = asking(command);
	char *view = mem_printf(MESSAGE "%s", body);

	view_comes(fake, view, encoding);
	while (fake_turn(fake))
		;
	assert_memory_equal(fake_to_client(fake), want.at, want.len);
	is(fake_to_upstream(fake), "");
	free(view);
	fake_free(fake);
}

#define GIVES(command, encoding, body, want) \
	gives(command, encoding, body, span_of(want, sizeof(want)))

static void what_is_opened_is_decoded(void **state)
{
	(void)state;
	GIVES(ASKED "BINARY.PEEK[1]\r\n", SHAPE_BASE64, "aGVs\r\nbG8=",
	      "* 1 FETCH (BINARY[1] {5}\r\nhello)\r\nc OK done\r\n");
	GIVES(ASKED "(BINARY.PEEK[1]<1.3> BINARY.SIZE[1] BODY.PEEK[1])\r\n", SHAPE_BASE64,
	      "aABiCg==", "* 1 FETCH (BINARY[1]<1> ~{3}\r\n\0b\n BINARY.SIZE[1] 4 "
	      "BODY[1] {8}\r\naABiCg==)\r\nc OK done\r\n");
	GIVES(ASKED "(BINARY.PEEK[1] BINARY.SIZE[2] UID)\r\n", SHAPE_QUOTED_PRINTABLE, "a=3Db=\r\n",
	      "* 1 FETCH (BINARY[1] {3}\r\na=b BINARY.SIZE[2] 0 UID 7)\r\nc OK done\r\n");
}

static void an_encoding_that_is_not_known_is_told(void **state)
{
	(void)state;
	GIVES(ASKED "BINARY[1]\r\n", SHAPE_UNKNOWN_ENCODING, "x",
	      "c NO [UNKNOWN-CTE] a part has an encoding that is not known\r\n");
	GIVES(ASKED "BINARY.SIZE[1]\r\n", SHAPE_UNKNOWN_ENCODING, "x",
	      "c NO [UNKNOWN-CTE] a part has an encoding that is not known\r\n");
	GIVES(ASKED "BINARY.PEEK[2]\r\n", SHAPE_UNKNOWN_ENCODING, "x",
	      "* 1 FETCH (BINARY[2] {0}\r\n)\r\nc OK done\r\n");
}

static void upstream_marks_it_as_seen(void **state)
{
	struct fake *fake = asking("c FETCH 1 BINARY[1]\r\n");

	(void)state;
	view_comes(fake, MESSAGE "eA==", SHAPE_BASE64);
	is(fake_to_upstream(fake), "L5 FETCH 1 (UID FLAGS BODY[HEADER]<0.1>)\r\n");
	fake_upstream_says(fake, "* 1 FETCH (UID 7 FLAGS (\\Seen) BODY[HEADER]<0> {1}\r\nS)\r\n"
			   "L5 OK x\r\n");
	is(fake_to_client(fake),
	   "* 1 FETCH (BINARY[1] {1}\r\nx FLAGS (\\Seen))\r\nc OK done\r\n");
	fake_free(fake);
}

/* "YWFh" without end, decoded: "aaa" without end. */
static char *large_message(size_t groups)
{
	char *text = mem_new(strlen(MESSAGE) + 4 * groups + 1);
	char *to = text + strlen(MESSAGE);

	memcpy(text, MESSAGE, strlen(MESSAGE));
	for (size_t i = 0; i < groups; i++, to += 4)
		memcpy(to, "YWFh", 4);
	return text;
}

static void a_large_part_takes_many_turns_and_no_room(void **state)
{
	enum { GROUPS = 200 * 1000, SIZE = 3 * GROUPS };
	struct fake *fake = asking("c FETCH 1 (BINARY.SIZE[1] BINARY.PEEK[1])\r\n");
	char *large = large_message(GROUPS);
	unsigned turns = 0;
	size_t got = 0;
	const char *text;

	(void)state;
	view_comes(fake, large, SHAPE_BASE64);
	/* it is counted for the size, and before it is given */
	is(fake_to_client(fake), "* 1 FETCH (");
	while (fake_turn(fake)) {
		text = fake_to_client(fake);
		assert_in_range(strlen(text), 0, 2 * CONN_HIGH_WATER);
		if (turns++ < 1)
			is(text, "");
		got += strlen(text);
	}
	assert_in_range(turns, 12, 24);
	assert_int_equal(strlen("BINARY.SIZE[1] 600000 BINARY[1] {600000}\r\n)\r\nc OK done\r\n") +
			 SIZE, got);
	free(large);
	fake_free(fake);
}

/* THREATS 84: what upstream says meanwhile stands behind it. */
static void between_its_turns_nothing_else_is_said(void **state)
{
	static const char said[] = "* 9 EXISTS\r\n* 1 EXPUNGE\r\n* OK x\r\n* BYE maintenance\r\n";
	enum { GROUPS = 100 * 1000 };
	struct fake *fake = asking("c UID FETCH 7 BINARY.PEEK[1]\r\n");
	char *large = large_message(GROUPS), *all;
	struct buf got;

	(void)state;
	view_comes(fake, large, SHAPE_BASE64);
	fake_upstream_says(fake, said);
	buf_init(&got, 4 * GROUPS);
	do
		(void)buf_puts(&got, fake_to_client(fake));
	while (fake_turn(fake));
	(void)buf_puts(&got, fake_to_client(fake));
	all = buf_take_string(&got);
	assert_memory_equal(all, "* 1 FETCH (UID 7 BINARY[1] {300000}\r\naaa", 40);
	is(strchr(all, '}') + 3 + 3 * GROUPS,
	   ")\r\nc OK done\r\n* 9 EXISTS\r\n* 1 EXPUNGE\r\n* OK x\r\n* BYE maintenance\r\n");
	free(all);
	free(large);
	fake_free(fake);
}

static void many_small_items_share_a_turn(void **state)
{
	struct fake *fake = asking("c FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[1] BINARY.SIZE[1] "
				   "BINARY.SIZE[1] BINARY.SIZE[1] BINARY.SIZE[1])\r\n");
	char *large = large_message(20 * 1000);
	unsigned turns = 0;

	(void)state;
	view_comes(fake, large, SHAPE_BASE64);
	while (fake_turn(fake))
		turns++;
	assert_in_range(turns, 2, 6);
	is(fake_to_client(fake), "* 1 FETCH (BINARY.SIZE[1] 60000 BINARY.SIZE[1] 60000 "
	   "BINARY.SIZE[1] 60000 BINARY.SIZE[1] 60000 BINARY.SIZE[1] 60000 "
	   "BINARY.SIZE[1] 60000)\r\nc OK done\r\n");
	free(large);
	fake_free(fake);
}

static void a_client_that_goes_meanwhile_is_forgotten(void **state)
{
	struct fake *fake = asking("c FETCH 1 BINARY.PEEK[1]\r\n");
	char *large = large_message(200 * 1000);

	(void)state;
	view_comes(fake, large, SHAPE_BASE64);
	is(fake_to_client(fake), "* 1 FETCH (");
	fake_client_leaves(fake);
	assert_false(fake_turn(fake));
	fake_free(fake);
	/* upstream's end in the midst of it has no words, either */
	fake = asking("c FETCH 1 BINARY.PEEK[1]\r\n");
	view_comes(fake, large, SHAPE_BASE64);
	is(fake_to_client(fake), "* 1 FETCH (");
	fake_upstream_leaves(fake, ERR_NONE, "");
	is(fake_to_client(fake), "");
	assert_true(fake_session_over(fake));
	fake_free(fake);
	free(large);
}

/* --- what passes --- */

static void where_upstream_has_no_binary_it_cannot_be_asked_for(void **state)
{
	struct fake *fake = selected("IMAP4rev2");

	(void)state;
	fake_client_says(fake, "c FETCH 1 BINARY.PEEK[1]\r\nd APPEND x ~{5}\r\ne NOOP\r\n");
	is(fake_to_client(fake), "c BAD this cannot be fetched here\r\n"
	   "d BAD binary literals are not offered\r\n");
	is(fake_to_upstream(fake), "L4 NOOP\r\n");
	fake_free(fake);
}

static void clear_mail_passes_with_its_binary_literals(void **state)
{
	static const char answer[] = "* 1 FETCH (UID 7 BINARY[1] ~{9}\r\na\0b\r\nL5 O BINARY[2]<0> "
				     "{1}\r\n~ BINARY.SIZE[1] 9)\r\n";
	struct fake *fake = selected("BINARY");

	(void)state;
	fake_client_says(fake, "c FETCH 1 (BINARY[1] BINARY.PEEK[2]<0.1> BINARY.SIZE[1])\r\n");
	(void)fake_to_upstream(fake);
	fake_upstream_says(fake, CLEAR("1", "7") "L4 OK x\r\n");
	is(fake_to_upstream(fake),
	   "L5 FETCH 1 (BINARY[1] BINARY.PEEK[2]<0.1> BINARY.SIZE[1])\r\n");
	for (size_t i = 0; i + 1 < sizeof(answer); i++)
		fake_upstream_sends(fake, span_of(answer + i, 1));
	assert_memory_equal(fake_to_client(fake), answer, sizeof(answer));
	fake_upstream_says(fake, "L5 OK x\r\n");
	is(fake_to_client(fake), "c OK x\r\n");
	fake_free(fake);
}

/* "a" NUL "a" NUL ..., in runs. */
static void a_large_binary_literal_passes_as_it_comes(void **state)
{
	static const char begin[] = "* 1 FETCH (BINARY[1] ~{300000}\r\n";
	struct fake *fake = selected("BINARY");
	static char part[300 * 1000];

	(void)state;
	for (size_t i = 0; i < sizeof(part); i += 2)
		part[i] = 'a';
	fake_client_says(fake, "c FETCH 1 BINARY[1]\r\n");
	fake_upstream_says(fake, CLEAR("1", "7") "L4 OK x\r\n");
	(void)fake_to_upstream(fake);
	fake_upstream_says(fake, begin);
	is(fake_to_client(fake), begin);
	for (size_t i = 0; i < sizeof(part); i += 50 * 1000) {
		fake_upstream_sends(fake, span_of(part + i, 50 * 1000));
		assert_memory_equal(fake_to_client(fake), part + i, 50 * 1000);
	}
	fake_upstream_says(fake, " UID 7)\r\nL5 OK x\r\n");
	is(fake_to_client(fake), " UID 7)\r\nc OK x\r\n");
	fake_free(fake);
}

static void a_forged_verdict_does_not_pass_in_a_binary_answer(void **state)
{
	struct fake *fake = selected("BINARY");

	(void)state;
	fake_client_says(fake, "c FETCH 1 BINARY.PEEK[]\r\n");
	fake_upstream_says(fake, CLEAR("1", "7") "L4 OK x\r\n");
	fake_upstream_says(fake, "* 1 FETCH (BINARY[] ~{19}\r\nX-Letterlock: b\r\n\r\n)\r\n"
			   "L5 OK x\r\n");
	is(fake_to_client(fake), "");
	names_are(fake, ASK_VIEW, "7", 1);
	fake_free(fake);
}

/* --- APPEND --- */

static void a_binary_literal_is_sealed_as_any_other(void **state)
{
	static const struct answer_copy sealed = { .size = 6, .encrypted = true };
	struct fake *fake = logged_in("BINARY");

	(void)state;
	fake_client_says(fake, "b APPEND Sent (\\Seen) ~{5}\r\n");
	is(fake_to_client(fake), "+ OK\r\n");
	fake_client_says(fake, "hello\r\n");
	assert_int_equal(ASK_STORE, fake_question(fake)->kind);
	is(fake_question_bytes(fake), "hello");
	is(fake_to_upstream(fake), "");
	fake_policy_seals(fake, &sealed, 1, false, "sealed");
	is(fake_to_upstream(fake), "L3 APPEND Sent (\\Seen) {6}\r\n");
	fake_upstream_says(fake, "+ go\r\n");
	is(fake_to_upstream(fake), "sealed\r\n");
	fake_upstream_says(fake, "L3 OK stored\r\n");
	is(fake_to_client(fake), "b OK stored\r\n");
	fake_free(fake);
}

static void one_with_a_nul_is_swallowed_and_refused(void **state)
{
	static const char message[] = "b APPEND Sent ~{9+}\r\na\0b\r\nc NO\r\nd NOOP\r\n";
	struct fake *fake = logged_in("BINARY");

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(message); i++)
		fake_client_sends(fake, span_of(message + i, 1));
	is(fake_to_client(fake), "b NO [UNKNOWN-CTE] a message with a NUL is not stored\r\n");
	assert_null(fake_question(fake));
	is(fake_to_upstream(fake), "L3 NOOP\r\n");
	fake_upstream_says(fake, "L3 OK x\r\n");
	is(fake_to_client(fake), "d OK x\r\n");
	/* the next one is as good as any */
	fake_client_says(fake, "e APPEND Sent ~{2+}\r\nhi\r\n");
	assert_int_equal(ASK_STORE, fake_question(fake)->kind);
	is(fake_question_bytes(fake), "hi");
	fake_free(fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_opened_is_decoded),
		cmocka_unit_test(an_encoding_that_is_not_known_is_told),
		cmocka_unit_test(upstream_marks_it_as_seen),
		cmocka_unit_test(a_large_part_takes_many_turns_and_no_room),
		cmocka_unit_test(between_its_turns_nothing_else_is_said),
		cmocka_unit_test(many_small_items_share_a_turn),
		cmocka_unit_test(a_client_that_goes_meanwhile_is_forgotten),
		cmocka_unit_test(where_upstream_has_no_binary_it_cannot_be_asked_for),
		cmocka_unit_test(clear_mail_passes_with_its_binary_literals),
		cmocka_unit_test(a_large_binary_literal_passes_as_it_comes),
		cmocka_unit_test(a_forged_verdict_does_not_pass_in_a_binary_answer),
		cmocka_unit_test(a_binary_literal_is_sealed_as_any_other),
		cmocka_unit_test(one_with_a_nul_is_swallowed_and_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
