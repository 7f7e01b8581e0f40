#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/encoded_word.h>
#include <letterlock/header.h>
#include <letterlock/mem.h>
#include <letterlock/utf8.h>

#define FFFD "\xef\xbf\xbd"

struct word_case {
	const char *body;
	const char *want;
	bool inexact;
};

static const struct word_case cases[] = {
	{ "", "", false },
	{ " plain text ", "plain text", false },
	{ " folded\r\n text", "folded text", false },
	{ "Gr\xc3\xbc\xc3\x9f" "e", "Gr\xc3\xbc\xc3\x9f" "e", false },
	{ "raw \xfc", "raw " FFFD, true },
	{ "tab\there \x1b[2J", "tab here  [2J", false },
	/* RFC 2047, section 8 */
	{ "(=?ISO-8859-1?Q?a?=)", "(a)", false },
	{ "(=?ISO-8859-1?Q?a?= b)", "(a b)", false },
	{ "(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)", false },
	{ "(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)", false },
	{ "(=?ISO-8859-1?Q?a_b?=)", "(a b)", false },
	{ "(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)", false },
	{ "=?US-ASCII?Q?Keith_Moore?= <m@cs.utk.edu>", "Keith Moore <m@cs.utk.edu>", false },
	{ "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n"
	  " =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
	  "If you can read this you understand the example.", false },
	/* what GMime 3.2.13 loses of adjacent words */
	{ "=?utf-8?q?Hello?= =?utf-8?q?_world?=", "Hello world", false },
	{ "=?utf-8?q?Hello?==?utf-8?q?_world?=", "Hello world", false },
	{ "=?utf-8?b?SGVsbG8=?==?utf-8?b?IHdvcmxk?=", "Hello world", false },
	{ "=?utf-8?q?=5Bsec?= =?utf-8?b?dXJlXQ==?= x", "[secure] x", false },
	/* a character that two words share */
	{ "=?utf-8?q?=C3?= =?utf-8?q?=A9?=", "\xc3\xa9", false },
	{ "=?utf-8?b?4oI=?=\r\n =?UTF-8?q?=AC?=", "\xe2\x82\xac", false },
	{ "=?iso-2022-jp?b?GyRCRnw=?= =?iso-2022-jp?b?S1wbKEI=?=",
	  "\xe6\x97\xa5\xe6\x9c\xac", false },
	/* charsets */
	{ "=?iso-8859-1?q?=FC=80?=", "\xc3\xbc\xe2\x82\xac", false },
	{ "=?ISO-8859-15?q?=A4?=", "\xe2\x82\xac", false },
	{ "=?koi8-r?b?8NLJ18XU?=", "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82", false },
	{ "=?gb2312?b?xOO6ww==?=", "\xe4\xbd\xa0\xe5\xa5\xbd", false },
	{ "=?ks_c_5601-1987?b?vsiz5w==?=", "\xec\x95\x88\xeb\x85\x95", false },
	{ "=?shift_jis?b?k/qWew==?=", "\xe6\x97\xa5\xe6\x9c\xac", false },
	{ "=?utf-8*en?q?hi?=", "hi", false },
	{ "=?us-ascii*en-GB?Q?hi?= =?us-ascii?Q?!?=", "hi!", false },
	/* ... of which some clients show the bytes */
	{ "=?utf-7?q?+AOk-?=", "\xc3\xa9", true },
	{ "=?iso646-de?q?[secure]?=", "\xc3\x84secure\xc3\x9c", true },
	{ "=?ibm037?q?=81=82?=", "ab", true },
	{ "=?utf-16be?b?AGE=?=", "a", true },
	/* as lenient as clients */
	{ "=?utf-8?q?two words?=", "two words", false },
	{ "=?utf-8?q?two\r\n words?=", "two words", false },
	{ "pre=?utf-8?q?fix?=ed", "prefixed", false },
	{ "=?utf-8?b?SGk?=", "Hi", false },
	{ "=?utf-8?b?SG k=?=", "Hi", false },
	{ "=?utf-8?B?VklSVVM=ISEh?=", "VIRUS!!!", true },
	{ "=?utf-8?b?S*Gk=?=", "Hi", true },
	{ "=?utf-8?b?SGkhY?=", "Hi!", true },
	{ "=?utf-8?q?a=b=4?=", "a=b=4", true },
	{ "=?utf-8?q?what?\?=", "what?", false },
	{ "=?utf-8?q?=3d=3D?=", "==", false },
	{ "=?utf-8?q?\?=", "", false },
	{ "=?utf-8?q?=3D?=x=?utf-8?q?y?=", "=xy", false },
	{ "=?utf-8?q?a=00b=0D=0Ac=7F?=", "a b  c ", false },
	/* what cannot be decoded */
	{ "=?x-unknown?q?hi?= there", "=?x-unknown?q?hi?= there", true },
	{ "=?x-unknown?q?a?= =?x-unknown?q?b?=", "=?x-unknown?q?a?= =?x-unknown?q?b?=", true },
	{ "=?x-unknown?q?a?= =?utf-8?q?b?=", "=?x-unknown?q?a?= b", true },
	{ "=?../../etc?q?a?=", "=?../../etc?q?a?=", true },
	{ "=?utf-8//IGNORE?q?a?=", "=?utf-8//IGNORE?q?a?=", true },
	{ "=?utf-8?q?=FF=5Bsecure=5D?=", FFFD "[secure]", true },
	{ "=?utf-8?q?=C3?=", FFFD, true },
	{ "=?euc-jp?q?ab=C6?=", "ab" FFFD, true },
	{ "=?euc-jp?q?=FFab?=", FFFD "ab", true },
	/* no encoded words */
	{ "=?utf-8?x?hi?=", "=?utf-8?x?hi?=", false },
	{ "=?utf-8?q?hi", "=?utf-8?q?hi", false },
	{ "=??q?hi?=", "=??q?hi?=", false },
	{ "=?*en?q?hi?=", "=?*en?q?hi?=", false },
	{ "=?", "=?", false },
	{ "=?utf-8", "=?utf-8", false },
	{ "=?utf-8?", "=?utf-8?", false },
	{ "=?utf-8?q", "=?utf-8?q", false },
	{ "=?=?utf-8?q?hi?=", "=?hi", false },
	{ "= ? == ?=", "= ? == ?=", false },
};

static void words_are_decoded_as_a_reader_sees_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		bool exact = false;
		char *got = encoded_word_decode(span_str(cases[i].body), &exact);

		if (strcmp(got, cases[i].want) != 0 || exact == cases[i].inexact)
			fail_msg("%s: %s, exact %d", cases[i].body, got, exact);
		assert_true(utf8_valid(span_str(got)));
		free(got);
		got = encoded_word_decode(span_str(cases[i].body), NULL);
		assert_string_equal(got, cases[i].want);
		free(got);
	}
}

/* `n` times `piece`, which a sender may have put into one field. */
static char *repeated(const char *piece, size_t n)
{
	size_t len = strlen(piece);
	char *text = mem_new(n * len + 1);

	for (size_t i = 0; i < n; i++)
		memcpy(text + i * len, piece, len);
	return text;
}

static void hostile_fields_cost_time_in_their_length_only(void **state)
{
	static const char *const pieces[] = {
		"=?utf-8?q?", "=?a", "=", "?=", "=?utf-8?q?a?=", "=?utf-8?q?a?= ",
		"=?euc-jp?q?a?= =?gb2312?q?b?= ", "=?x?q?a?= ", "=?utf-8?b?=?=", "\xff",
		"=?utf-7?q?+?= ", "=?tscii?q?=AA?=",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		size_t n = HEADER_BLOCK_MAX / strlen(pieces[i]);
		char *body = repeated(pieces[i], n);
		char *text = encoded_word_decode(span_str(body), NULL);

		assert_true(utf8_valid(span_str(text)));
		free(text);
		text = encoded_word_encode(span_str(body));
		free(text);
		free(body);
	}
}

static void eight_bit_text_becomes_words_and_the_rest_stays(void **state)
{
	static const char *const pairs[][2] = {
		{ " plain, \"quoted\" <a@x>", " plain, \"quoted\" <a@x>" },
		{ " J\xc3\xb6rg <j@x>", " =?utf-8?q?J=C3=B6rg?= <j@x>" },
		{ " J\xc3\xb6rg<j@x>", " =?utf-8?q?J=C3=B6rg?=<j@x>" },
		{ " \"J\xc3\xb6rg B. Doe\" <j@x>", " =?utf-8?q?=22J=C3=B6rg_B=2E_Doe=22?= <j@x>" },
		{ " a@x (J\xc3\xb6rg)", " a@x (=?utf-8?q?J=C3=B6rg?=)" },
		{ " \xc3\xb6 \xc3\xb6 x \xc3\xb6",
		  " =?utf-8?q?=C3=B6?=\r\n =?utf-8?q?_=C3=B6?= x\r\n =?utf-8?q?=C3=B6?=" },
		{ " \xc3\xb6\r\n\t\xc3\xb6", " =?utf-8?q?=C3=B6?=\r\n\t=?utf-8?q?=09=C3=B6?=" },
		{ " \xfc", " =?unknown-8bit?q?=FC?=" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		char *got = encoded_word_encode(span_str(pairs[i][0]));

		if (strstr(pairs[i][1], "\r\n")) {
			/* Where a line is folded is not promised, what it says is. */
			char *want = header_unfold(span_str(pairs[i][1]));
			char *flat = header_unfold(span_str(got));

			assert_string_equal(flat, want);
			free(want);
			free(flat);
		} else {
			assert_string_equal(got + (got[0] == '\r' ? 2 : 0), pairs[i][1]);
		}
		free(got);
	}
}

static void what_was_encoded_reads_as_before(void **state)
{
	static const char *const bodies[] = {
		" J\xc3\xb6rg M\xc3\xbcller", "\xc3\xb6", " a \xc3\xb6 b \xc3\xb6 \xc3\xb6 c",
		" \"a \xc3\xb6\r\n b\" c", " \xc3\xb6,\xc3\xb6;\xc3\xb6(\xc3\xb6)\xc3\xb6",
		" \"unclosed \xc3\xb6 x", " \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac"
		"\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac",
		" =?utf-8?q?old?= \xc3\xb6 =?utf-8?q?old?= =?utf-8?q?old?=",
		" \xc3\xb6  two  blanks  \xc3\xb6  \xc3\xb6", " a=b_c?d \xc3\xb6=_?",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
		char *coded = encoded_word_encode(span_str(bodies[i]));
		char *before = encoded_word_decode(span_str(bodies[i]), NULL);
		char *after = encoded_word_decode(span_str(coded), NULL);

		assert_string_equal(after, before);
		for (const char *c = coded; *c; c++)
			assert_false(*c & 0x80);
		free(coded);
		free(before);
		free(after);
	}
}

static void encoded_lines_stay_short(void **state)
{
	char *body = repeated(" \xc3\xb6\xff \xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 1000);
	char *coded = encoded_word_encode(span_str(body));
	struct span rest = span_str(coded), line;

	(void)state;
	while (span_split(&rest, '\n', &line))
		assert_true(line.len <= 160);
	free(body);
	free(coded);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_decoded_as_a_reader_sees_them),
		cmocka_unit_test(hostile_fields_cost_time_in_their_length_only),
		cmocka_unit_test(eight_bit_text_becomes_words_and_the_rest_stays),
		cmocka_unit_test(what_was_encoded_reads_as_before),
		cmocka_unit_test(encoded_lines_stay_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
