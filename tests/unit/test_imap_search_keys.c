#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "proxy/engine/imap_search_keys.h"

/* What of a program is asked: what it looks for, where, and the text or number. */
static void asks(const char *args, enum imap_search_kind kind, const char *want)
{
	struct imap_search_keys keys;
	struct buf out;
	char *got;

	if (imap_search_keys_read(span_str(args), kind, &keys) < 0) {
		if (want)
			fail_msg("%s was refused", args);
		assert_int_equal(0, keys.n);
		return;
	}
	buf_init(&out, 8192);
	(void)buf_puts(&out, keys.foreign ? "foreign" : "");
	for (size_t i = 0; i < keys.n; i++) {
		const struct imap_search_key *key = &keys.at[i];

		(void)buf_printf(&out, "%d:%s:", (int)key->find, key->field ? key->field : "");
		if (key->text)
			(void)buf_printf(&out, "%s;", key->text);
		else
			(void)buf_printf(&out, "%llu;", (unsigned long long)key->number);
	}
	got = buf_take_string(&out);
	if (!want)
		fail_msg("%s was read: %s", args, got);
	assert_string_equal(got, want);
	free(got);
	buf_free(&out);
	imap_search_keys_free(&keys);
}

static void keys_about_content_are_found_wherever_they_stand(void **state)
{
	(void)state;
	asks(" ALL", IMAP_SEARCH, "");
	asks(" SUBJECT x", IMAP_SEARCH, "1:Subject:x;");
	asks(" from \"a b\" CC {3}\r\nx y BCC z to w", IMAP_SEARCH,
	     "1:From:a b;1:Cc:x y;1:Bcc:z;1:To:w;");
	asks(" HEADER X-A \"\"", IMAP_SEARCH, "1:X-A:;");
	asks(" BODY \"q\\\"\\\\\" TEXT t", IMAP_SEARCH, "2::q\"\\;3::t;");
	asks(" LARGER 10 SMALLER 4294967296", IMAP_SEARCH, "4::10;5::4294967296;");
	asks(" NOT (OR BODY a (BODY b UNSEEN)) 1:*", IMAP_SEARCH, "2::a;2::b;");
	asks(" RETURN (MIN SAVE) CHARSET UTF-8 BODY a", IMAP_SEARCH, "2::a;");
	asks(" (SUBJECT REVERSE DATE) US-ASCII BODY a", IMAP_SORT, "2::a;");
	asks(" RETURN (COUNT) (DATE) UTF-8 BODY a", IMAP_SORT, "2::a;");
	asks(" REFERENCES utf-8 BODY a", IMAP_THREAD, "2::a;");
}

/* A word that is an argument is none that is looked for. */
static void arguments_are_no_keys(void **state)
{
	(void)state;
	asks(" KEYWORD BODY SENTSINCE 1-Jan-2026 UID 1:3,7 YOUNGER 5", IMAP_SEARCH, "");
	asks(" FROM SUBJECT", IMAP_SEARCH, "1:From:SUBJECT;");
	asks(" FROM {15}\r\nx SUBJECT \"y) ( BODY z", IMAP_SEARCH,
	     "1:From:x SUBJECT \"y) (;2::z;");
	asks(" MODSEQ 5 BODY a", IMAP_SEARCH, "2::a;");
	asks(" MODSEQ \"/flags/\\\\Seen\" all 5 BODY a", IMAP_SEARCH, "2::a;");
	asks(" $ 1,2:*", IMAP_SEARCH, "");
}

static void a_charset_that_is_not_known_is_told(void **state)
{
	(void)state;
	asks(" CHARSET ISO-8859-1 SUBJECT x", IMAP_SEARCH, "foreign1:Subject:x;");
	asks(" CHARSET us-ascii SUBJECT x", IMAP_SEARCH, "1:Subject:x;");
	asks(" (DATE) KOI8-R ALL", IMAP_SORT, "foreign");
}

static void what_is_not_in_order_is_refused(void **state)
{
	static const char *const cases[] = {
		"", " ", " NO-SUCH-KEY", " FUZZY BODY x", " X-GM-RAW x", " SUBJECT",
		" SUBJECT (x)", " HEADER x", " LARGER x", " LARGER -1", " LARGER",
		" LARGER 99999999999999999999", " NOT", " OR ALL", " (ALL", " ALL)",
		" ()", " (ALL))", " RETURN BODY x", " RETURN (MIN", " CHARSET",
		" CHARSET UTF-8", " \"SUBJECT\" x", " UID", " MODSEQ", " MODSEQ \"x\" all",
		" BODY \"x", " BODY {5}\r\nabc", " 1:3;", " BODY x  ALL",
		/* a blank stands between any two */
		"ALL", " FROM\"a\" ALL", " FROM \"a\"ALL", " FROM {1}\r\naALL", " (ALL)ALL",
		" ALL(ALL)", " RETURN (MIN)ALL", " RETURN(MIN) ALL", " NOT(ALL)",
		" OR (ALL)(ALL)", " CHARSET \"UTF-8\"ALL", " HEADER \"a\"\"b\"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		asks(cases[i], IMAP_SEARCH, NULL);
	asks(" RETURN ALL ALL", IMAP_SEARCH, NULL);
	asks(" RETURN )( ALL", IMAP_SEARCH, NULL);
	asks(" RETURN ALL (DATE) UTF-8 ALL", IMAP_SORT, NULL);
	asks(" DATE UTF-8 ALL", IMAP_SORT, NULL);
	asks(" UTF-8 ALL", IMAP_SORT, NULL);
	asks(" (DATE)", IMAP_SORT, NULL);
	asks(" REFERENCES", IMAP_THREAD, NULL);
}

/* `n` times `text` behind each other, and `end`. */
static char *times(const char *text, size_t n, const char *end)
{
	struct buf out;

	buf_init(&out, 1 << 20);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(0, buf_puts(&out, text));
	assert_int_equal(0, buf_puts(&out, end));
	return buf_take_string(&out);
}

static void a_program_has_an_end(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		const char *end;
		bool good;
	} cases[] = {
		{ " BODY x", IMAP_SEARCH_KEYS_MAX, "", true },
		{ " BODY x", IMAP_SEARCH_KEYS_MAX + 1, "", false },
		{ " NOT", IMAP_SEARCH_DEPTH_MAX - 1, " ALL", true },
		{ " NOT", IMAP_SEARCH_DEPTH_MAX, " ALL", false },
		{ " OR ALL", 100 * 1000, " ALL", false },
		{ " (", 100 * 1000, "", false },
		{ " ALL", IMAP_SEARCH_WORDS_MAX, "", true },
		{ " ALL", IMAP_SEARCH_WORDS_MAX + 1, "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = times(cases[i].text, cases[i].n, cases[i].end);
		struct imap_search_keys keys;
		bool good = imap_search_keys_read(span_str(text), IMAP_SEARCH, &keys) == 0;

		if (good != cases[i].good)
			fail_msg("%zu times %s", cases[i].n, cases[i].text);
		imap_search_keys_free(&keys);
		free(text);
	}
}

static void is_said(const char *args, const char *all, const char *found, const char *want)
{
	struct span alls[IMAP_SEARCH_KEYS_MAX], founds[IMAP_SEARCH_KEYS_MAX];
	struct imap_search_keys keys;
	struct buf out;
	char *got;

	assert_int_equal(0, imap_search_keys_read(span_str(args), IMAP_SEARCH, &keys));
	for (size_t i = 0; i < keys.n; i++) {
		alls[i] = span_str(all);
		founds[i] = span_str(found);
	}
	buf_init(&out, 8192);
	assert_int_equal(0, imap_search_keys_put(span_str(args), &keys, alls, founds, &out));
	got = buf_take_string(&out);
	assert_string_equal(got, want);
	free(got);
	buf_free(&out);
	imap_search_keys_free(&keys);
}

static void what_upstream_says_of_ciphertext_does_not_count(void **state)
{
	(void)state;
	is_said(" UNSEEN SUBJECT x ALL", "", "", " UNSEEN SUBJECT x ALL");
	is_said(" UNSEEN SUBJECT x ALL", "1:3", "",
		" UNSEEN (NOT UID 1:3 SUBJECT x) ALL");
	is_said(" UNSEEN SUBJECT x ALL", "1:3", "2",
		" UNSEEN (OR (NOT UID 1:3 SUBJECT x) UID 2) ALL");
	is_said(" NOT BODY {3}\r\na b", "4", "4",
		" NOT (OR (NOT UID 4 BODY {3}\r\na b) UID 4)");
	is_said(" RETURN (MIN) (OR FROM a LARGER 3)", "4", "",
		" RETURN (MIN) (OR (NOT UID 4 FROM a) (NOT UID 4 LARGER 3))");
}

/* A server takes so long a command only: views are named twice, not n times. */
static void many_keys_name_what_has_a_view_but_twice(void **state)
{
	(void)state;
	is_said(" FROM a TO b TEXT {2}\r\na)", "", "", " FROM a TO b TEXT {2}\r\na)");
	is_said(" RETURN (MIN) CHARSET UTF-8 UNSEEN NOT FROM a (TO b LARGER 7) 1:*", "4,6",
		"6", " RETURN (MIN) CHARSET UTF-8 OR (NOT UID 4,6 UNSEEN NOT FROM a "
		"(TO b LARGER 7) 1:*) (UID 4,6 UNSEEN NOT UID 6 (UID 6 UID 6) 1:*)");
	is_said(" OR FROM a OR TO b TEXT {2}\r\na)", "4", "",
		" OR (NOT UID 4 OR FROM a OR TO b TEXT {2}\r\na)) "
		"(UID 4 OR NOT ALL OR NOT ALL NOT ALL)");
}

static void what_does_not_fit_is_not_said(void **state)
{
	struct span args = span_str(" BODY x"), set = span_str("1:3");
	struct imap_search_keys keys;

	(void)state;
	assert_int_equal(0, imap_search_keys_read(args, IMAP_SEARCH, &keys));
	for (size_t room = 0; room < strlen(" (OR (NOT UID 1:3 BODY x) UID 1:3)"); room++) {
		struct buf out;

		buf_init(&out, room);
		assert_int_equal(-1, imap_search_keys_put(args, &keys, &set, &set, &out));
		buf_free(&out);
	}
	imap_search_keys_free(&keys);
}

/* A program that is cut anywhere is read no further than it goes. */
static void a_cut_program_is_read_to_its_end_only(void **state)
{
	struct span whole = span_str(" RETURN (MIN) CHARSET UTF-8 OR (SUBJECT {3}\r\na b MODSEQ "
				     "\"/f\" all 5) NOT HEADER \"x\\\"\" {4}\r\ny (\"");

	(void)state;
	for (size_t n = 0; n <= whole.len; n++) {
		char *copy = mem_new(n ? n : 1);
		struct imap_search_keys keys;
		int ret;

		memcpy(copy, whole.at, n);
		ret = imap_search_keys_read(span_of(copy, n), IMAP_SEARCH, &keys);
		assert_int_equal(n == whole.len ? 0 : -1, ret);
		imap_search_keys_free(&keys);
		free(copy);
	}
}

static void each_key_has_an_answer_of_its_own(void **state)
{
	struct span args = span_str(" FROM a TO b TEXT c SEEN");
	struct span all[] = { span_str("1"), span_str(""), span_str("3:4") };
	struct span found[] = { span_str(""), span_str(""), span_str("4") };
	static const char want[] = " (NOT UID 1 FROM a) TO b (OR (NOT UID 3:4 TEXT c) UID 4) SEEN";
	struct imap_search_keys keys;
	struct buf out;

	(void)state;
	assert_int_equal(0, imap_search_keys_read(args, IMAP_SEARCH, &keys));
	buf_init(&out, sizeof(want) - 1);
	assert_int_equal(0, imap_search_keys_put(args, &keys, all, found, &out));
	assert_true(span_is(buf_span(&out), want));
	buf_free(&out);
	imap_search_keys_free(&keys);
}

/* --- programs by chance, always the same ones --- */

static unsigned chance(uint32_t *seed, unsigned n)
{
	*seed = *seed * 1664525 + 1013904223;
	return (*seed >> 16) % n;
}

static void put_key(struct buf *out, uint32_t *seed, unsigned depth)
{
	static const char *const leaves[] = {
		"SEEN", "UID 1:*", "KEYWORD TEXT", "BEFORE 1-Feb-2026", "1:3,7", "$",
		"MODSEQ 7", "FROM a", "BODY \"b (\\\" c\"", "TEXT {4}\r\n) (\"",
		"HEADER X {0}\r\n", "LARGER 12", "SMALLER 0", "SUBJECT {2+}\r\n\xc3\xa4",
	};
	unsigned n;

	switch (depth ? chance(seed, 6) : 9) {
	case 0:
		(void)buf_puts(out, "NOT ");
		put_key(out, seed, depth - 1);
		return;
	case 1:
		(void)buf_puts(out, "OR ");
		put_key(out, seed, depth - 1);
		(void)buf_puts(out, " ");
		put_key(out, seed, depth - 1);
		return;
	case 2:
		(void)buf_puts(out, "(");
		n = 1 + chance(seed, 3);
		for (unsigned i = 0; i < n; i++) {
			if (i)
				(void)buf_puts(out, " ");
			put_key(out, seed, depth - 1);
		}
		(void)buf_puts(out, ")");
		return;
	default:
		(void)buf_puts(out, leaves[chance(seed, sizeof(leaves) / sizeof(*leaves))]);
	}
}

static bool same_key(const struct imap_search_key *a, const struct imap_search_key *b)
{
	return a->find == b->find && a->number == b->number && span_eq(a->raw, b->raw) &&
	       span_is(span_str(a->text), b->text ? b->text : "") &&
	       span_is(span_str(a->field), b->field ? b->field : "");
}

static void what_is_said_anew_reads_again_with_the_same_keys(void **state)
{
	static const char *const sets[] = { "", "1", "2:5,9" };
	size_t rewritten = 0;
	uint32_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 3000; round++) {
		struct span all[IMAP_SEARCH_KEYS_MAX], found[IMAP_SEARCH_KEYS_MAX];
		struct imap_search_keys keys, again;
		struct buf args, out;

		buf_init(&args, 1 << 20);
		buf_init(&out, 1 << 20);
		(void)buf_puts(&args, " ");
		put_key(&args, &seed, 5);
		for (size_t i = 0; i < IMAP_SEARCH_KEYS_MAX; i++) {
			all[i] = i && round % 2 ? all[0] : span_str(sets[chance(&seed, 3)]);
			found[i] = span_str(sets[chance(&seed, 3)]);
		}
		if (imap_search_keys_read(buf_span(&args), IMAP_SEARCH, &keys) == 0) {
			assert_int_equal(0, imap_search_keys_put(buf_span(&args), &keys, all,
								 found, &out));
			assert_int_equal(0, imap_search_keys_read(buf_span(&out), IMAP_SEARCH,
								  &again));
			assert_int_equal(keys.n, again.n);
			for (size_t i = 0; i < keys.n; i++)
				assert_true(same_key(&keys.at[i], &again.at[i]));
			rewritten += keys.n;
			imap_search_keys_free(&keys);
			imap_search_keys_free(&again);
		}
		buf_free(&args);
		buf_free(&out);
	}
	assert_in_range(rewritten, 3000, 100 * 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_about_content_are_found_wherever_they_stand),
		cmocka_unit_test(arguments_are_no_keys),
		cmocka_unit_test(a_charset_that_is_not_known_is_told),
		cmocka_unit_test(what_is_not_in_order_is_refused),
		cmocka_unit_test(a_program_has_an_end),
		cmocka_unit_test(what_upstream_says_of_ciphertext_does_not_count),
		cmocka_unit_test(many_keys_name_what_has_a_view_but_twice),
		cmocka_unit_test(what_does_not_fit_is_not_said),
		cmocka_unit_test(a_cut_program_is_read_to_its_end_only),
		cmocka_unit_test(each_key_has_an_answer_of_its_own),
		cmocka_unit_test(what_is_said_anew_reads_again_with_the_same_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
