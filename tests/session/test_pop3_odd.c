/* What a POP3 store may answer that is odd, short, or without end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/net/conn.h"
#include "proxy/session/pop3_state.h"
#include "tests/session/pop3_talk.h"

#define NAME64 "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`"

/* Says `command`, of a maildrop of one message that is clear and of 30 octets. */
static struct fake *asked(const char *command)
{
	struct fake *fake = logged_in(&plain, USUAL);

	fake_client_says(fake, command);
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 30\r\n.\r\n");
	policy_knows_each(fake, SHAPE_CLEAR, 1);
	fake_policy_says(fake, ANSWER_YES, 0, "", "");
	return fake;
}

/* ... the same, where nobody has looked at it. */
static struct fake *looked_at(void)
{
	struct fake *fake = logged_in(&plain, USUAL);

	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 1000\r\n.\r\n");
	(void)fake_to_upstream(fake);
	policy_knows_each(fake, SHAPE_UNKNOWN, 1);
	is(fake_to_upstream(fake), "TOP 1 60\r\n");
	return fake;
}

static void goes_on(struct fake *fake)
{
	(void)fake_to_upstream(fake);
	fake_client_says(fake, "NOOP\r\n");
	is(fake_to_upstream(fake), "NOOP\r\n");
	fake_upstream_says(fake, "+OK still\r\n");
	is(fake_to_client(fake), "+OK still\r\n");
	fake_free(fake);
}

/* THREATS 102: what a message is called is upstream's to say. */
static void unique_ids_pass_unchanged(void **state)
{
	static const char ids[] = "1 !\r\n2 " NAME64 "~~~~~~\r\n7 a.b\r\n";
	struct fake *fake = logged_in(&plain, USUAL);
	char *want = mem_printf("+OK unique-ids follow\r\n%s.\r\n", ids);
	char *said = mem_printf("+OK upstream's words\r\n%s.\r\n", ids);

	(void)state;
	for (size_t cut = 1; cut < strlen(said); cut += 7) {
		fake_client_says(fake, "UIDL\r\n");
		is(fake_to_upstream(fake), "UIDL\r\n");
		fake_upstream_sends(fake, span_of(said, cut));
		fake_upstream_says(fake, said + cut);
		is(fake_to_client(fake), want);
	}
	fake_client_says(fake, "UIDL 2\r\n");
	is(fake_to_upstream(fake), "UIDL 2\r\n");
	fake_upstream_says(fake, "+OK 2 " NAME64 "~~~~~~\r\n");
	is(fake_to_client(fake), "+OK 2 " NAME64 "~~~~~~\r\n");
	fake_client_says(fake, "UIDL 3\r\n");
	fake_upstream_says(fake, "-ERR no such message\r\n");
	is(fake_to_client(fake), "-ERR no such message\r\n");
	free(want);
	free(said);
	goes_on(fake);
}

/* ... as long as it is one, by RFC 1939 7: views are kept under it. */
static void what_is_no_unique_id_names_no_view(void **state)
{
	static const struct {
		const char *id;
		bool good;
	} cases[] = {
		{ "!", true }, { "~", true }, { NAME64 "~~~~~~", true },
		{ NAME64 "~~~~~~~", false }, { "", false }, { "a b", false }, { "a\x7f", false },
		{ "a\x80", false }, { "\xc3\xbc", false }, { "a\tb", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = logged_in(&plain, USUAL);
		char *list = mem_printf("+OK\r\n1 %s\r\n.\r\n", cases[i].id);

		fake_client_says(fake, "STAT\r\n");
		fake_upstream_says(fake, list);
		free(list);
		if (cases[i].good) {
			fake_upstream_says(fake, "+OK\r\n1 30\r\n.\r\n");
			is(fake_question(fake)->place.names.at[0], cases[i].id);
			policy_knows_each(fake, SHAPE_CLEAR, 1);
			fake_policy_says(fake, ANSWER_YES, 0, "", "");
			is(fake_to_client(fake), "+OK 1 30\r\n");
		} else {
			has(fake_to_client(fake), "-ERR [SYS/TEMP] upstream's unique-ids");
		}
		goes_on(fake);
	}
}

/* THREATS 104 */
static void a_refusal_in_place_of_lines_is_told(void **state)
{
	struct fake *fake;

	(void)state;
	for (int i = 0; i < 2; i++) {
		fake = logged_in(&plain, USUAL);
		fake_client_says(fake, "LIST\r\n");
		if (i)
			fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
		fake_upstream_says(fake, "-ERR [SYS/TEMP] not now\r\n");
		is(fake_to_client(fake), "-ERR [SYS/TEMP] not now\r\n");
		(void)fake_to_upstream(fake);
		fake_client_says(fake, "STAT\r\n");	/* it is asked anew */
		is(fake_to_upstream(fake), "UIDL\r\n");
		fake_free(fake);
	}
	/* what it does not show is asked for whole, */
	fake = looked_at();
	fake_upstream_says(fake, "-ERR no TOP today\r\n");
	is(fake_to_client(fake), "");
	is(fake_to_upstream(fake), "RETR 1\r\n");
	/* ... and is nothing that could be sized when that is refused, too */
	fake_upstream_says(fake, "-ERR nor RETR\r\n");
	is(fake_to_client(fake), "-ERR nor RETR\r\n");
	goes_on(fake);
	fake = asked("RETR 1\r\n");
	fake_upstream_says(fake, "-ERR gone\r\n");
	is(fake_to_client(fake), "-ERR gone\r\n");
	goes_on(fake);
}

/* THREATS 104: a list without end is no list, and a header none. */
static void lines_without_end_are_not_kept(void **state)
{
	char *line = mem_new(1 << 16 | 1);
	struct fake *fake;
	int n = 0;

	(void)state;
	memset(line, 'a', 1 << 16);
	memcpy(line + (1 << 16) - 2, "\r\n", 2);
	for (int i = 0; i < 2; i++) {
		fake = logged_in(&plain, USUAL);
		fake_client_says(fake, "STAT\r\n");
		if (i)
			fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
		fake_upstream_says(fake, "+OK\r\n");
		for (n = 0; n < 2000 && fake_upstream_open(fake); n++)
			fake_upstream_says(fake, line);
		assert_true(n > 900 && n < 1100);	/* 64 MiB */
		has(fake_to_client(fake), "-ERR [SYS/TEMP] upstream has too many messages");
		assert_true(fake_session_over(fake));
		fake_free(fake);
	}
	/* of a look no more is kept than says what it is: this is opened, or tried */
	fake = looked_at();
	fake_upstream_says(fake, "+OK\r\nX: y\r\n");
	for (n = 0; n < 300; n++)
		fake_upstream_says(fake, line);
	fake_upstream_says(fake, ".\r\n");
	is(fake_to_upstream(fake), "RETR 1\r\n");
	is(fake_to_client(fake), "");
	fake_free(fake);
	free(line);
}

/* THREATS 104: a message of any size, and a client that takes it slowly, or not. */
static void a_message_without_end_is_not_held(void **state)
{
	struct fake *fake = asked("RETR 1\r\n");
	char *text = mem_new(64 * 1024 + 1);
	size_t taken = 0;

	(void)state;
	memset(text, 'a', 64 * 1024);
	memcpy(text + 64 * 1024 - 2, "\r\n", 2);
	fake_upstream_says(fake, "+OK\r\nSubject: y\r\n\r\n");
	for (int i = 0; i < 1000; i++) {
		fake_upstream_says(fake, text);
		taken += strlen(fake_to_client(fake));
	}
	assert_true(taken > 999 * (size_t)(64 * 1024 - 100));
	fake_client_stalls(fake);
	for (int i = 0; i < 14; i++)
		fake_upstream_says(fake, text);
	assert_true(fake_client_waiting(fake) > CONN_HIGH_WATER);
	assert_true(fake_client_waiting(fake) < CONN_HIGH_WATER + 128 * 1024);
	free(text);
	fake_free(fake);
}

/* THREATS 105 */
static void the_end_is_upstreams_to_say(void **state)
{
	static const struct {
		const char *said, *told;
		unsigned forgotten;
	} cases[] = {
		{ "+OK bye\r\n", "+OK bye\r\n", 1 },
		{ "-ERR some were not deleted\r\n",
		  "-ERR upstream could not delete what was to be deleted\r\n", 0 },
		{ NULL, "-ERR [SYS/TEMP] upstream provider: closed the connection", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = asked("DELE 1\r\n");

		fake_upstream_says(fake, "+OK\r\n");
		(void)fake_to_client(fake);
		(void)fake_to_upstream(fake);
		fake_client_says(fake, "QUIT\r\n");
		is(fake_to_upstream(fake), "QUIT\r\n");
		is(fake_to_client(fake), "");
		assert_false(fake_session_over(fake));
		if (cases[i].said)
			fake_upstream_says(fake, cases[i].said);
		else
			fake_upstream_leaves(fake, ERR_NONE, "");
		has(fake_to_client(fake), cases[i].told);
		assert_int_equal(fake_asked(fake, ASK_GONE), cases[i].forgotten);
		fake_free(fake);
	}
}

/* Else whoever deletes every second one of thousands fills the link to policy. */
static void what_is_deleted_here_and_there_is_told_at_once(void **state)
{
	struct fake *fake = logged_in(&plain, USUAL);

	(void)state;
	fake_client_says(fake, "STAT\r\n");
	fake_upstream_says(fake, "+OK\r\n1 aa\r\n2 bb\r\n3 cc\r\n.\r\n");
	fake_upstream_says(fake, "+OK\r\n1 30\r\n2 30\r\n3 30\r\n.\r\n");
	policy_knows_each(fake, SHAPE_CLEAR, 3);
	fake_policy_says(fake, ANSWER_YES, 0, "", "");
	for (size_t i = 1; i <= 3; i += 2) {
		fake_client_says(fake, i == 1 ? "DELE 1\r\n" : "DELE 3\r\n");
		fake_upstream_says(fake, "+OK\r\n");
	}
	fake_client_says(fake, "QUIT\r\n");
	fake_upstream_says(fake, "+OK bye\r\n");
	assert_int_equal(fake_asked(fake, ASK_GONE), 1);
	assert_int_equal(fake_question(fake)->place.names.n, 2);
	is(fake_question(fake)->place.names.at[1], "cc");
	fake_free(fake);
}

/* THREATS 103 */
static void each_line_of_a_view_keeps_its_dots_and_octets(void **state)
{
	static const struct {
		const char *body, *want;
	} cases[] = {
		{ ".\r\n", "..\r\n" }, { "..\r\n.x\r\n", "...\r\n..x\r\n" },
		{ "a\r\n.\r\nb\r\n", "a\r\n..\r\nb\r\n" }, { "", "" }, { "\r\n", "\r\n" },
		{ "a\rb\r\r\n", "a\rb\r\r\n" }, { "a\r.\r\n", "a\r.\r\n" },
		{ "a.\r\nb .\r\n", "a.\r\nb .\r\n" },
		/* whoever ends lines at LF ends none here */
		{ "a\n.\nb\r\n", "a\n..\nb\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = logged_in(&plain, USUAL);
		char *view = mem_printf("X-A: b\r\n\r\n%s", cases[i].body);
		char *want = mem_printf("+OK %zu octets\r\nX-A: b\r\n\r\n%s.\r\n", strlen(view),
					cases[i].want);
		struct buf entries;

		fake_client_says(fake, "RETR 1\r\n");
		fake_upstream_says(fake, "+OK\r\n1 aa\r\n.\r\n");
		fake_upstream_says(fake, "+OK\r\n1 1000\r\n.\r\n");
		buf_init(&entries, SHAPE_MAX);
		fake_text_entry(view, &entries);
		fake_policy_shows(fake, ANSWER_SHAPES, buf_span(&entries), span_str(""));
		buf_free(&entries);
		fake_policy_shows_text(fake, ANSWER_VIEW, view);
		is(fake_to_client(fake), want);
		free(want);
		free(view);
		goes_on(fake);
	}
}

/* THREATS 106 */
static void names_and_passwords_are_the_rest_of_the_line(void **state)
{
	struct fake *fake = greeted(&plain, USUAL);

	(void)state;
	fake_client_says(fake, "USER alice of  us \r\nPASS  a b  \r\n");
	is(fake_to_upstream(fake), "USER alice of  us \r\n");
	fake_upstream_says(fake, "+OK\r\n");
	is(fake_to_upstream(fake), "PASS  a b  \r\n");
	fake_upstream_says(fake, "-ERR no\r\n");
	has(fake_to_client(fake), "-ERR no\r\n");
	fake_free(fake);
}

/* --- a header that goes on and on, of a message that was clear when it was looked at --- */

/* `n` times `each`, between two texts. */
static char *many(const char *before, const char *each, size_t n, const char *behind)
{
	size_t at = strlen(before), len = strlen(each);
	char *text = mem_new(at + n * len + strlen(behind) + 1);

	memcpy(text, before, at);
	for (size_t i = 0; i < n; i++, at += len)
		memcpy(text + at, each, len);
	memcpy(text + at, behind, strlen(behind));
	return text;
}

/* What the client of RETR got of it, which comes in runs of `step`. */
static char *relayed(const char *message, size_t step)
{
	struct fake *fake = asked("RETR 1\r\n");
	size_t len = strlen(message);
	char *got;

	fake_upstream_says(fake, "+OK\r\n");
	for (size_t at = 0; at < len; at += step)
		fake_upstream_sends(fake, span_of(message + at, len - at < step ? len - at : step));
	fake_upstream_says(fake, ".\r\n");
	got = mem_strdup(fake_to_client(fake));
	assert_int_equal(fake_session_over(fake), !strstr(got, "\r\n.\r\n"));
	fake_free(fake);
	return got;
}

#define FORGED "X-Letterlock: decrypted; signature=good\r\n"
#define OURS "Authentication-Results: gw.example.org; openpgp=pass\r\n"
#define FOLDED "Authentication-Results:\r\n gw.example.org; openpgp=pass\r\n"
#define OTHERS "Authentication-Results: mx.provider.test; spf=pass\r\n"

/* THREATS 137: nothing forged passes, wherever in the header a store puts it. */
static void no_header_is_too_long_to_be_looked_at(void **state)
{
	static const struct {
		const char *each, *behind;
		bool passes;
		const char *before;	/* NULL: a field */
	} cases[] = {
		{ "X-A: b\r\n", OTHERS "\r\nbody\r\n" FORGED, true, NULL },
		{ "X-A: b\r\n", FORGED "\r\nbody\r\n", false, NULL },
		{ "X-A: b\r\n", OURS "\r\nbody\r\n", false, NULL },
		{ "X-A: b\r\n", FOLDED "\r\nbody\r\n", false, NULL },
		{ "X-A: b\r\n", "X-B: c\r" FORGED "\r\nbody\r\n", false, NULL },
		{ "X-A: b\r\n", "X-B: c\n" FORGED "\r\nbody\r\n", false, NULL },
		{ "X-A: b\r\n", "\r\r\n" FORGED "\r\nbody\r\n", false, NULL },
		{ "X-A: b\r\n", FORGED, false, NULL },
		/* one field that does not end, and what only looks like a field in it */
		{ " word\r\n", OTHERS "\r\nbody\r\n" FORGED, true, NULL },
		{ " word", "\r\n\r\nbody\r\n" FORGED, true, NULL },
		{ " X-Letterlock:", "\r\n\r\nbody\r\n", true, NULL },
		{ " word\r\n", FORGED "\r\nbody\r\n", false, NULL },
		{ " word", "\r\n" FORGED "\r\nbody\r\n", false, NULL },
		{ " (word)", " gw.example.org; openpgp=pass\r\n\r\nbody\r\n", false,
		  "Authentication-Results:" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t k = 0; k < 40; k++) {
			size_t n = k < 30 ? 65400 / strlen(cases[i].each) + k : 5000 * (k - 30) + 1;
			const char *before = cases[i].before ? cases[i].before : "X-First: x\r\n";
			char *text = many(before, cases[i].each, n, cases[i].behind);
			char *got = relayed(text, k % 3 ? 64 * 1024 : 1000 + 7 * k);
			char *want = many("+OK 30 octets\r\n", text, 1, ".\r\n");

			if (cases[i].passes)
				assert_true(strcmp(got, want) == 0);
			else if (strstr(got, "X-Letterlock") || strstr(got, "gw.example.org;"))
				fail_msg("%zu times %s, then %s", n, cases[i].each,
					 cases[i].behind);
			free(want);
			free(got);
			free(text);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unique_ids_pass_unchanged),
		cmocka_unit_test(what_is_no_unique_id_names_no_view),
		cmocka_unit_test(a_refusal_in_place_of_lines_is_told),
		cmocka_unit_test(lines_without_end_are_not_kept),
		cmocka_unit_test(a_message_without_end_is_not_held),
		cmocka_unit_test(the_end_is_upstreams_to_say),
		cmocka_unit_test(what_is_deleted_here_and_there_is_told_at_once),
		cmocka_unit_test(each_line_of_a_view_keeps_its_dots_and_octets),
		cmocka_unit_test(names_and_passwords_are_the_rest_of_the_line),
		cmocka_unit_test(no_header_is_too_long_to_be_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
