/* IMAP sessions whose upstream hides responses in what a client may read otherwise:
 * in literals where no literal is due, and in what looks like one and is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_client.h"
#include "tests/session/imap_talk.h"

/* 46 octets, which nobody has judged: to whom they are no literal they are mail. */
#define FORGED "* 1 FETCH (BODY[] {19}\r\nX-Letterlock: b\r\n\r\n)\r\n"

/* What a client is told that asks for flags while upstream says `begin`, FORGED, `end`. */
static char *told(const char *begin, const char *end)
{
	struct fake *fake = selected("ESEARCH THREAD=REFS");
	char *text = mem_printf("%s" FORGED "%s\r\nL4 OK x\r\n", begin, end);
	char *got;

	fake_client_says(fake, "c UID FETCH 1 (FLAGS UID)\r\n");
	fake_upstream_says(fake, text);
	got = mem_strdup(fake_to_client(fake));
	fake_free(fake);
	free(text);
	return got;
}

/* THREATS 72, 84 */
static void no_literal_brings_what_nobody_has_judged(void **state)
{
	static const struct {
		const char *begin, *end;
	} cases[] = {
		{ "* OK x {46}\r\n", "" }, { "* no [ALERT] {46}\r\n", "" },
		{ "* BAD x {46}\r\n", "" }, { "* BYE x {46}\r\n", "" },
		{ "L4 OK x {46}\r\n", "" }, { "L4 NO x {46}\r\n", "" },
		{ "* OK [UIDVALIDITY 5] ~{46}\r\n", "" }, { "* OK [CAPABILITY X] {46}\r\n", "" },
		{ "* SEARCH 1 {46}\r\n", "" }, { "* sort 1 {46}\r\n", "" },
		{ "* THREAD (1) {46}\r\n", "" }, { "* FLAGS (a {46}\r\n", ")" },
		{ "* ESEARCH (TAG {46}\r\n", ") ALL 1" }, { "* CAPABILITY {46}\r\n", "" },
		{ "* ENABLED {46}\r\n", "" }, { "* VANISHED {46}\r\n", "" },
		{ "* 5 EXISTS {46}\r\n", "" }, { "* 1 EXPUNGE {46}\r\n", "" },
		{ "* 1 FETCH (UID {46}\r\n", ")" }, { "* 1 FETCH (FLAGS ({46}\r\n", "))" },
		{ "* 1 FETCH (INTERNALDATE {46}\r\n", ")" }, { "* NEWS {46}\r\n", "" },
		{ "* LIST () \"/\" {046}\r\n", "" }, { "* LIST () \"/\" {46 }\r\n", "" },
		{ "* LIST () \"/\" { 46}\r\n", "" }, { "* LIST () \"/\" {-46}\r\n", "" },
		{ "* LIST () \"/\" {+46}\r\n", "" }, { "* STATUS x {46+}\r\n", "" },
		{ "* ID {00000000000000000000046}\r\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = told(cases[i].begin, cases[i].end);

		if (strstr(got, "X-Letterlock") || strstr(got, "6}\r\n"))
			fail_msg("%s brings %s", cases[i].begin, got);
		free(got);
	}
}

/* Where one is due it is a string's, whatever it looks like. */
static void a_literal_that_is_due_passes_whole(void **state)
{
	static const char *const cases[][2] = {
		{ "* LIST () \"/\" {46}\r\n", "" }, { "* STATUS {46}\r\n", " (UNSEEN 1)" },
		{ "* ID (\"name\" {46}\r\n", ")" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *got = told(cases[i][0], cases[i][1]);
		char *want = mem_printf("%s" FORGED "%s\r\nc OK x\r\n", cases[i][0], cases[i][1]);

		is(got, want);
		free(want);
		free(got);
	}
}

static void words_may_end_like_a_literal(void **state)
{
	struct fake *fake = selected("");

	(void)state;
	fake_client_says(fake, "c NOOP\r\n");
	fake_upstream_says(fake, "* OK see {5}\r\n* OK [X] {12+}\r\n* NO }\r\nL4 OK {7}\r\n");
	is(fake_to_client(fake), "* OK see {5}.\r\n* OK [X] {12+}.\r\n* NO }.\r\nc OK {7}.\r\n");
	fake_free(fake);
}

static void in_a_large_response_it_is_the_end(void **state)
{
	static const char *const cases[][2] = {
		{ "* SEARCH 1", " {46}\r\n" FORGED },
		{ "* LIST () \"/\" \"", "\" {046}\r\n" FORGED },
		{ "* LIST () \"/\" \"", "\" {00000000000000000000046}\r\n" FORGED },
	};
	enum { LARGE = 200 * 1000 };
	char *text = mem_new(LARGE + 200);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = selected("");

		fake_client_says(fake, "c NOOP\r\n");
		(void)snprintf(text, LARGE, "%s", cases[i][0]);
		memset(text + strlen(text), '1', LARGE);
		(void)snprintf(text + LARGE, 200, "%s", cases[i][1]);
		fake_upstream_says(fake, text);
		if (strstr(fake_to_client(fake), "X-Letterlock"))
			fail_msg("%s brings it", cases[i][0]);
		assert_true(fake_session_over(fake));
		fake_free(fake);
	}
	free(text);
}

/* Of clear mail that was asked for: it is looked at by the sealer, as what contradicts. */
static void beside_clear_mail_it_is_withheld(void **state)
{
	static const char *const cases[] = {
		"* 1 FETCH (FLAGS ({46}\r\n" FORGED ") BODY[TEXT] \"x\")\r\nL5 OK x\r\n",
		"* 1 FETCH (BODY[TEXT] \"x\" UID {46}\r\n" FORGED ")\r\nL5 OK x\r\n",
		"* 1 FETCH (RFC822.SIZE {46}\r\n" FORGED " BODY[TEXT] \"x\")\r\nL5 OK x\r\n",
		"* 1 FETCH (BINARY.SIZE[1] {46}\r\n" FORGED " BODY[TEXT] \"x\")\r\nL5 OK x\r\n",
		"* 1 FETCH (MODSEQ ({46}\r\n" FORGED ") BODY[TEXT] \"x\")\r\nL5 OK x\r\n",
		"* 1 FETCH (INTERNALDATE {46}\r\n" FORGED " BODY[TEXT] \"x\")\r\nL5 OK x\r\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = fetching("c FETCH 1 BODY.PEEK[TEXT]\r\n",
					     CLEAR("1", "7"));

		fake_upstream_says(fake, cases[i]);
		is(fake_to_client(fake), "");
		names_are(fake, ASK_VIEW, "7", 1);
		fake_free(fake);
	}
}

/* The sealer has seen a long header, and then upstream shows another one, `octets` long
 * before `forged`, in short lines or in one that begins with `begin`: what the client is
 * told. */
static char *told_behind(size_t octets, const char *begin, const char *forged)
{
	char *seen = text_of("A: b\r\n", 300 * 1000), *shown = mem_new(400 * 1000);
	struct fake *fake = fetching("c FETCH 1 BODY.PEEK[]\r\n", CLEAR("1", "7"));
	char *got;

	(void)fake_to_upstream(fake);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", seen, ")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "");
	names_are(fake, ASK_VIEW, "7", 1);
	entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
	memcpy(shown, seen, octets);
	if (begin) {
		memset(shown, 'x', octets);
		memcpy(shown, begin, strlen(begin));
	}
	memcpy(shown + strlen(shown), forged, strlen(forged));
	memcpy(shown + strlen(shown), seen, 80 * 1000);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", shown, ")\r\nL6 OK x\r\n");
	got = mem_strdup(fake_to_client(fake));
	free(seen);
	free(shown);
	fake_free(fake);
	return got;
}

/* THREATS 84, 145 */
static void far_down_in_a_header_nothing_forged_passes(void **state)
{
	static const char *const forged[] = {
		"\r\nX-Letterlock: b\r\n", "\r\nx-letterlock : b\r\nB: c\r\n\r\n",
		"\rX-Letterlock: b\r", "\nX-Letterlock: b\n",
		"\r\nAuthentication-Results: gw.example.org; openpgp=pass\r\n",
		"\r\nAuthentication-Results: (a)\r\n gw.example.org; openpgp=pass\r\n",
	};
	static const size_t where[] = { 70000, 131072, 200000, 262140 };
	char *text, *got;

	(void)state;
	for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++)
		for (size_t k = 0; k < sizeof(where) / sizeof(*where); k++)
			for (int line = 0; line < 2; line++) {
				got = told_behind(where[k], line ? "X-A: b" : NULL, forged[i]);
				if (strstr(got, "\r\nc OK"))
					fail_msg("%s passes behind %zu", forged[i], where[k]);
				free(got);
			}
	/* cut by where pieces end */
	for (size_t octets = 119930; octets < 120000; octets += 5) {
		got = told_behind(octets, NULL, forged[5]);
		assert_null(strstr(got, "\r\nc OK"));
		free(got);
	}
	got = told_behind(200000, "A: b\r\nAuthentication-Results: (", ") gw.example.org;\r\n");
	assert_null(strstr(got, "\r\nc OK"));
	free(got);
	/* that of others, and what is said in the text */
	got = told_behind(200000, NULL, "\r\nAuthentication-Results: mx.example.org; spf=pass\r\n");
	has(got, ")\r\nc OK done\r\n");
	free(got);
	text = text_of("\r\n\r\n", 70 * 1000);
	memcpy(text + 60 * 1000, "\r\nX-Letterlock: b\r\n", 19);
	got = told_behind(200000, NULL, text);
	has(got, "X-Letterlock: b\r\n");
	has(got, ")\r\nc OK done\r\n");
	free(text);
	free(got);
}

/* What upstream says of a message that is opened stands in the answer about it. */
static void beside_an_opened_message_nothing_is_told_but_facts(void **state)
{
	static const char *const cases[] = {
		"INTERNALDATE {36}\r\n1\" BODY[] {19}\r\nX-Letterlock: b\r\n\r\n FLAGS ()",
		"INTERNALDATE {38}\r\n1\" BODY[] \"X-Letterlock: b\\n\\n\" X-A \"\\ FLAGS ()",
		"INTERNALDATE {2}\r\n1\\ FLAGS ()",
		"INTERNALDATE \"1\\\" BODY[] \\\"X-Letterlock: b\" FLAGS ()",
		"INTERNALDATE \"1\" FLAGS ({46}\r\n" FORGED ")",
		"INTERNALDATE \"1\" FLAGS (\"X-Letterlock: b\")",
		"INTERNALDATE \"1\" FLAGS () MODSEQ ({46}\r\n" FORGED ")",
		"FLAGS () MODSEQ (\"X-Letterlock: b\") INTERNALDATE \"1\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fake *fake = fetching("c FETCH 2 (INTERNALDATE FLAGS MODSEQ "
					     "BODY.PEEK[TEXT])\r\n", SEALED("2", "8"));
		char *answer = mem_printf("* 2 FETCH (UID 8 %s)\r\nL5 OK x\r\n", cases[i]);
		const char *got;

		is(fake_to_upstream(fake), "L5 FETCH 2 (UID FLAGS INTERNALDATE MODSEQ)\r\n");
		fake_upstream_says(fake, answer);
		fake_policy_shows_text(fake, ANSWER_VIEW, VIEW);
		got = fake_to_client(fake);
		if (strstr(got, "X-Letterlock") || strstr(got, "\\\""))
			fail_msg("%s brings %s", answer, got);
		has(got, "BODY[TEXT] {7}\r\nhello\r\n)\r\nc OK done\r\n");
		free(answer);
		fake_free(fake);
	}
}

#define VERDICT "X-Letterlock: decrypted; signature=good\r\n"
#define FOLDED "Authentication-Results:\r\n gw.example.org; openpgp=pass\r\n"
#define OTHERS "Authentication-Results: mx.provider.test; spf=pass\r\n"

/* The client asks for a message that the sealer has found to be clear. */
static struct fake *found_clear(void)
{
	char *longer = text_of("A: b\r\n", 70 * 1000);
	struct fake *fake = fetching("c FETCH 1 BODY.PEEK[]\r\n", CLEAR("1", "7"));

	(void)fake_to_upstream(fake);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", longer, ")\r\nL5 OK x\r\n");
	names_are(fake, ASK_VIEW, "7", 1);
	entry_comes(fake, ANSWER_VIEW, SHAPE_CLEAR);
	free(longer);
	return fake;
}

/* A message that the sealer has found to be clear, and how the store shows it then:
 * `begin`, `n` times `each`, `behind`. What came of that is on the heap. */
static char *shown_again(const char *begin, const char *each, size_t n, const char *behind,
			 bool passes)
{
	struct fake *fake = found_clear();
	char *said, *got;
	struct buf text;

	buf_init(&text, 1 << 20);
	(void)buf_puts(&text, begin);
	for (size_t i = 0; i < n; i++)
		(void)buf_puts(&text, each);
	assert_int_equal(buf_puts(&text, behind), 0);
	said = buf_take_string(&text);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", said, ")\r\nL6 OK x\r\n");
	got = mem_strdup(fake_to_client(fake));
	if (passes) {
		has(got, said);
		has(got, ")\r\nc OK done\r\n");
	}
	free(said);
	fake_free(fake);
	return got;
}

/* What stands behind a large literal is of the same answer: what is told of it, where
 * `step` octets come at a time. */
static char *told_with(bool judged, const char *begin, const char *behind, size_t step)
{
	struct fake *fake = judged ? found_clear()
				   : fetching("c FETCH 1 BODY.PEEK[]\r\n", CLEAR("1", "7"));
	char *large = text_of("A: b\r\n\r\n", 300 * 1000), *got;
	size_t len = strlen(behind);

	(void)fake_to_client(fake);
	upstream_says_big(fake, begin, large, "");
	for (size_t at = 0; at < len; at += step)
		fake_upstream_sends(fake, span_of(behind + at, len - at < step ? len - at : step));
	fake_upstream_says(fake, judged ? "\r\nL6 OK x\r\n" : "\r\nL5 OK x\r\n");
	got = mem_strdup(fake_to_client(fake));
	free(large);
	fake_free(fake);
	return got;
}

/* THREATS 84, 137 */
static void behind_a_large_literal_nothing_forged_passes(void **state)
{
	static const struct {
		const char *behind;
		bool passes;
	} cases[] = {
		{ ")", true }, { " UID 7 FLAGS (\\Seen))", true }, { " X-Y \"Letterlock\")", true },
		{ " ENVELOPE (NIL \"X-Letterlock: how?\" NIL NIL NIL NIL NIL NIL NIL NIL))", true },
		{ " BODY[HEADER.FIELDS (SUBJECT)] \"Subject: X-Letterlock\")", true },
		{ " \"\" RFC822 \"Authentication-Results: mx.provider.test; a=b\")", true },
		{ " RFC822.HEADER \"X-Letterlock: x\")", false },
		{ " FLAGS () RFC822 \"X-Letterlock: x\" UID 7)", false },
		{ " RFC822 \"Authentication-Results: gw.example.org; a=b\")", false },
		{ " \"\" RFC822 \"X-Letterlock: x\")", false },
		{ ") (RFC822 \"X-Letterlock: x\")", false },
		{ " \"\" RFC822 \"authentication-results: (;) gw.example.org; a=b\")", false },
		{ " \"\" RFC822 {5}\r\nA: b\n RFC822 {15}\r\nX-Letterlock: x)", false },
		{ " \"\" RFC822 {15}\r\nX-Letterlock: x)", false },
		{ " \"\" RFC822 \"Authentication-Results: mx.provider.test\")", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (unsigned k = 0; k < 6; k++) {
			char *got = told_with(k & 1, "* 1 FETCH (BODY[]", cases[i].behind,
					      k < 2 ? 1000 : k < 4 ? 1 : 7);

			if (cases[i].passes != (strstr(got, "\r\nc ") != NULL))
				fail_msg("%s: %s", cases[i].behind,
					 cases[i].passes ? "does not pass" : "passes");
			free(got);
		}
}

/* A literal that is announced in an odd way may begin with a header. */
static void a_literal_behind_what_cannot_be_read_is_looked_at(void **state)
{
	static const char *const begins[] = { "* 1 FETCH (BODY[]", "* 1 FETCH (\"\" BODY[]",
					      "* 1 FETCH (BODY[]  \"\" X", "* 1 FETCH (UID 7) (X" };
	char *forged = text_of("A: b\r\n" VERDICT "\r\n", 300 * 1000);

	(void)state;
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		struct fake *fake = found_clear();

		upstream_says_big(fake, begins[i], forged, ")\r\nL6 OK x\r\n");
		is(fake_to_client(fake),
		   "c NO [UNAVAILABLE] some messages cannot be opened now\r\n");
		fake_free(fake);
	}
	free(forged);
}

/* What comes of text alone that is too long to be held, with a verdict at `where` if
 * that is not 0. */
static bool text_passes(size_t where)
{
	struct fake *fake = fetching("c FETCH 1 BODYSTRUCTURE\r\n", CLEAR("1", "7"));
	char *text = mem_new(200 * 1000);
	bool passes;

	memset(text, 'a', 180 * 1000);
	memcpy(text, "* 1 FETCH (BODYSTRUCTURE (\"", 27);
	if (where)
		memcpy(text + where, "\") RFC822 \"X-Letterlock: x\" Y (\"", 32);
	memcpy(text + 180 * 1000, "\"))\r\nL5 OK x\r\n", 14);
	for (size_t at = 0, len = strlen(text); at < len; at += 30 * 1000)
		fake_upstream_sends(fake, span_of(text + at, len - at < 30 * 1000
							      ? len - at : 30 * 1000));
	passes = strstr(fake_to_client(fake), "\r\nc OK") != NULL;
	free(text);
	fake_free(fake);
	return passes;
}

static void where_text_is_cut_nothing_forged_passes(void **state)
{
	(void)state;
	assert_true(text_passes(0));
	for (size_t where = 1000; where < 170 * 1000; where += 20 * 1000)
		assert_false(text_passes(where));
	for (size_t where = IMAP_CLIENT_HELD_MAX - 50; where < IMAP_CLIENT_HELD_MAX + 10;
	     where++)
		assert_false(text_passes(where));
}

/* Of a message that is opened nothing large passes, either; and a header that is long
 * passes when the sealer has seen it, however clear it begins. */
static void large_answers_are_of_messages_that_pass(void **state)
{
	struct fake *fake = fetching("c FETCH 1:2 BODY.PEEK[TEXT]\r\n",
				     CLEAR("1", "7") SEALED("2", "8"));
	char *large = text_of("", 300 * 1000);
	struct buf header;
	char *text;

	(void)state;
	upstream_says_big(fake, "* 2 FETCH (BODY[TEXT]", large, ")\r\n");
	upstream_says_big(fake, "* 2 FETCH (FLAGS () BODY[]", large, ")\r\n");
	upstream_says_big(fake, "* 9 FETCH (BODY[TEXT]", large, ")\r\n");
	is(fake_to_client(fake), "");
	fake_upstream_says(fake, "* 1 FETCH (BODY[TEXT] \"x\")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "* 1 FETCH (BODY[TEXT] \"x\")\r\n");
	fake_free(fake);
	free(large);
	fake = fetching("c FETCH 1 BODY.PEEK[]\r\n", CLEAR("1", "7"));
	buf_init(&header, 1 << 20);
	while (header.len < 200 * 1000)
		(void)buf_puts(&header, "X-A: b\r\n");
	(void)buf_puts(&header, "\r\nbody");
	text = buf_take_string(&header);
	upstream_says_big(fake, "* 1 FETCH (BODY[]", text, ")\r\nL5 OK x\r\n");
	is(fake_to_client(fake), "");
	names_are(fake, ASK_VIEW, "7", 1);
	free(text);
	fake_free(fake);
}

/* ... nor in text that is longer than is read, nor behind what cannot be read. */
static void in_long_text_nothing_forged_passes(void **state)
{
	static const char *const odd[] = { "* 1 FETCH (\"\" BODY[]", "* 1 FETCH (X) BODY[]",
					   "* 1 FETCH (\"\" RFC822 \"X-Letterlock: x\" BODY[]" };
	char *text = mem_new(600 * 1000), *got;

	(void)state;
	for (size_t where = 1000; where < 400 * 1000; where += 21 * 1000 + 3)
		for (int passes = 0; passes < 2; passes++) {
			memset(text, 'a', 500 * 1000);
			memcpy(text, " X (", 4);
			memcpy(text + where, passes ? "\" \"X-Letter-lock" : "\" \"X-Letterlock",
			       15);
			memcpy(text + 500 * 1000, "\"))", 4);
			got = told_with(where % 2, "* 1 FETCH (BODY[]", text, 30 * 1000);
			assert_int_equal(strstr(got, "\r\nc OK") != NULL, passes);
			free(got);
		}
	free(text);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		for (int judged = 0; judged < 2; judged++) {
			got = told_with(judged, odd[i], " RFC822 \"X-Letterlock: x\")", 100);
			assert_null(strstr(got, "\r\nc OK"));
			free(got);
		}
	/* nor before a literal of which nothing is to be said */
	for (int judged = 0; judged < 2; judged++) {
		got = told_with(judged, "* 1 FETCH (RFC822 \"X-Letterlock: x\" BODY[TEXT]", ")", 9);
		assert_null(strstr(got, "\r\nc OK"));
		assert_null(strstr(got, "X-Letterlock"));
		free(got);
		got = told_with(judged, odd[2], ")", 9);
		assert_null(strstr(got, "\r\nc OK"));
		assert_null(strstr(got, "X-Letterlock"));
		free(got);
	}
	/* whose results they are stands far behind */
	text = mem_printf(" \"\" RFC822 \"Authentication-Results: (%1500s) gw.example.org; a=b\")",
			  "");
	got = told_with(true, "* 1 FETCH (BODY[]", text, 1000);
	assert_null(strstr(got, "\r\nc OK"));
	free(got);
	free(text);
	/* in a server's own way, of what the sealer has seen */
	got = told_with(true, odd[0], " )", 100);
	has(got, "\r\nc OK");
	free(got);
}

/* THREATS 137: however far behind in it a verdict stands. */
static void no_header_is_too_long_to_be_looked_at(void **state)
{
	static const struct {
		const char *begin, *each, *behind;
		bool passes;
	} cases[] = {
		{ "A: b\r\n", "X-A: b\r\n", OTHERS "\r\nbody\r\n" VERDICT, true },
		{ "A: b\r\n", "X-A: b\r\n", VERDICT "\r\nbody\r\n", false },
		{ "A: b\r\n", "X-A: b\r\n", FOLDED "\r\nbody\r\n", false },
		{ "A: b\r\n", "X-A: b\r\n", "B: c\r" VERDICT "\r\nbody\r\n", false },
		{ "A: b\r\n", "X-A: b\r\n", VERDICT, false },
		{ "A: b\r\n", " word", "\r\n\r\nbody\r\n" VERDICT, true },
		{ "A: b\r\n", " words\r\n", VERDICT "\r\nbody\r\n", false },
		{ "A: b\r\n", " X-Letterlock:", "\r\n\r\nbody\r\n", true },
		{ "A: b\r\n", " word", "\r\n" VERDICT "\r\nbody\r\n", false },
		{ "Authentication-Results:", " (word)", " gw.example.org; a=pass\r\n\r\nx", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		for (size_t k = 0; k < 12; k++) {
			size_t n = (k < 9 ? 65490 + k : (k - 8) * 80000) / strlen(cases[i].each);
			char *got = shown_again(cases[i].begin, cases[i].each, n, cases[i].behind,
						cases[i].passes);

			if (!cases[i].passes &&
			    (strstr(got, VERDICT) || strstr(got, " gw.example")))
				fail_msg("%zu times %s, then %s", n, cases[i].each,
					 cases[i].behind);
			free(got);
		}
}

/* ... nor where a field that is too long for it ends with what came at once. */
static void the_next_octets_may_begin_a_field(void **state)
{
	static const char *const ends[] = { "\r\n", "\n", "\r" };

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		for (size_t n = 60; n < 80; n++) {
			struct fake *fake = found_clear();
			char *kilo = text_of(" ", 1000);

			memset(kilo + 1, 'x', 1000);
			memcpy(kilo + 1001 - strlen(ends[i]), ends[i], strlen(ends[i]));
			fake_upstream_says(fake, "* 1 FETCH (BODY[] {200000}\r\nA: b\r\n");
			for (size_t k = 0; k < n; k++)
				fake_upstream_says(fake, kilo);
			fake_upstream_says(fake, VERDICT "\r\n");
			fake_upstream_says(fake, kilo);
			assert_null(strstr(fake_to_client(fake), VERDICT));
			free(kilo);
			fake_free(fake);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_literal_brings_what_nobody_has_judged),
		cmocka_unit_test(a_literal_that_is_due_passes_whole),
		cmocka_unit_test(words_may_end_like_a_literal),
		cmocka_unit_test(in_a_large_response_it_is_the_end),
		cmocka_unit_test(beside_clear_mail_it_is_withheld),
		cmocka_unit_test(far_down_in_a_header_nothing_forged_passes),
		cmocka_unit_test(beside_an_opened_message_nothing_is_told_but_facts),
		cmocka_unit_test(behind_a_large_literal_nothing_forged_passes),
		cmocka_unit_test(in_long_text_nothing_forged_passes),
		cmocka_unit_test(a_literal_behind_what_cannot_be_read_is_looked_at),
		cmocka_unit_test(where_text_is_cut_nothing_forged_passes),
		cmocka_unit_test(large_answers_are_of_messages_that_pass),
		cmocka_unit_test(no_header_is_too_long_to_be_looked_at),
		cmocka_unit_test(the_next_octets_may_begin_a_field),
	};

	return cmocka_run_group_tests_name("imap_forged", tests, NULL, NULL);
}
