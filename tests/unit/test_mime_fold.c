#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <letterlock/mem.h>

#include "policy/crypto/mime_fold.h"

enum { ROOM = 1024 * 1024 };

/* Folds a copy that ends where `text` ends, so that a read past it is seen. */
static char *folded(const char *text, size_t len)
{
	char *copy = mem_new(len + 1), *result;
	struct buf out;

	memcpy(copy, text, len);
	buf_init(&out, ROOM);
	assert_int_equal(mime_fold(span_of(copy, len), &out), 0);
	assert_int_equal(buf_put(&out, span_of("", 1)), 0);
	result = buf_take_string(&out);
	free(copy);
	return result;
}

static void folds(const char *text, const char *want)
{
	char *got = folded(text, strlen(text));

	assert_string_equal(got, want);
	free(got);
}

static void what_a_reader_takes_for_the_same_is_the_same(void **state)
{
	(void)state;
	folds("", "");
	folds("Hello, WORLD [@^_`{~]\r\n", "hello, world [@^_`{~]\r\n");
	folds("Gr\xc3\xbc\xc3\x9f" "e", "gru\xcc\x88sse");
	folds("GRU\xcc\x88SSE", "gru\xcc\x88sse");
	folds("STRA\xe1\xba\x9e" "E", "strasse");			/* the capital of it */
	folds("\xce\xa3\xce\x8a\xcf\x83\xcf\x82",			/* three sigmas */
	      "\xcf\x83\xce\xb9\xcc\x81\xcf\x83\xcf\x83");
	folds("\xd0\x9f\xd0\xa0\xd0\x98", "\xd0\xbf\xd1\x80\xd0\xb8");
	folds("\xef\xac\x81\xe2\x84\xa2\xef\xbc\xa1\xe2\x91\xa0", "fitma1"); /* one width */
	folds("\xc4\xb0", "i\xcc\x87");					/* I with a dot */
	folds("\xea\xb0\x80", "\xe1\x84\x80\xe1\x85\xa1");		/* Hangul */
	folds("a\xc2\xa0" "b", "a b");
	folds("\xe1\x8e\xa0", "\xea\xad\xb0");			/* Cherokee has small */
	folds("\xea\xad\xb0", "\xea\xad\xb0");			/* letters, too */
}

/* Both orders of two marks, and both forms of one, in every combination. */
static void the_order_and_form_of_marks_is_one(void **state)
{
	(void)state;
	folds("\xe1\xba\xad", "a\xcc\xa3\xcc\x82");
	folds("\xe1\xba\xa1\xcc\x82", "a\xcc\xa3\xcc\x82");
	folds("\xc3\x82\xcc\xa3", "a\xcc\xa3\xcc\x82");
	folds("A\xcc\x82\xcc\xa3", "a\xcc\xa3\xcc\x82");
	folds("A\xcc\xa3\xcc\x82", "a\xcc\xa3\xcc\x82");
}

static size_t put_character(char *at, uint32_t c)
{
	if (c < 0x80) {
		at[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		at[0] = (char)(0xc0 | c >> 6);
		at[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		at[0] = (char)(0xe0 | c >> 12);
		at[1] = (char)(0x80 | (c >> 6 & 63));
		at[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	at[0] = (char)(0xf0 | c >> 18);
	at[1] = (char)(0x80 | (c >> 12 & 63));
	at[2] = (char)(0x80 | (c >> 6 & 63));
	at[3] = (char)(0x80 | (c & 63));
	return 4;
}

/* Else a text would not be found by what was copied out of it. */
static void what_is_folded_stays_as_it_is(void **state)
{
	char text[8];

	(void)state;
	for (uint32_t c = 1; c < 0x110000; c++) {
		size_t len = put_character(text, c);
		char *once = folded(text, len), *twice = folded(once, strlen(once));

		if (strcmp(once, twice) != 0)
			fail_msg("U+%04X is folded to two things", c);
		free(once);
		free(twice);
	}
}

static void what_is_no_utf8_is_shown_as_such(void **state)
{
#define BAD "\xef\xbf\xbd"
	(void)state;
	folds("a\xff" "B", "a" BAD "b");
	folds("\xc3", BAD);
	folds("\xc3(\xa9", BAD "(" BAD);
	folds("\xc0\xaf", BAD BAD);			/* "/", overlong */
	folds("\xed\xa0\x80", BAD BAD BAD);		/* half a surrogate pair */
	folds("\xf4\x90\x80\x80", BAD BAD BAD BAD);	/* beyond U+10FFFF */
	folds("\x80\x80\x80\x80\x80", BAD BAD BAD BAD BAD);
	folds("\n\x80\x80", "\n" BAD BAD);
}

/* A NUL would end the text for the library, and what is behind it be lost. */
static void a_nul_ends_nothing(void **state)
{
	static const char text[] = "A\0B\nC\0\0D";
	char *got = folded(text, sizeof(text) - 1);

	(void)state;
	assert_string_equal(got, "a" BAD "b\nc" BAD BAD "d");
	free(got);
}

/* Long lines are folded piece by piece; wherever one ends, no character does. */
static void no_character_is_cut(void **state)
{
	static const char *const characters[] = { "\xc3\x84", "\xe2\x82\xac",
						  "\xf0\x90\x90\x80" };
	static const char *const want[] = { "a\xcc\x88", "\xe2\x82\xac", "\xf0\x90\x90\xa8" };
	enum { PIECE = 64 * 1024, AROUND = 8, TIMES = 4 };

	(void)state;
	for (size_t kind = 0; kind < 3; kind++)
		for (size_t before = PIECE - AROUND; before <= PIECE + AROUND; before++) {
			size_t len = strlen(characters[kind]), n = before;
			char *text = mem_new(before + TIMES * len + 1), *got;

			memset(text, 'X', before);
			for (int i = 0; i < TIMES; i++, n += len)
				memcpy(text + n, characters[kind], len);
			got = folded(text, n);
			assert_int_equal(strspn(got, "x"), before);
			for (int i = 0; i < TIMES; i++)
				assert_int_equal(strncmp(got + before + i * strlen(want[kind]),
							 want[kind], strlen(want[kind])), 0);
			assert_int_equal(strlen(got), before + TIMES * strlen(want[kind]));
			free(got);
			free(text);
		}
}

/* Nor is one cut from its marks: they would stand in another order. */
static void no_mark_is_cut_from_its_character(void **state)
{
	static const char want[] = "a\xcc\xa3\xcc\x82";
	enum { PIECE = 64 * 1024, AROUND = 8 };

	(void)state;
	for (size_t before = PIECE - AROUND; before <= PIECE + AROUND; before++) {
		char *text = mem_new(before + 6), *got;

		memset(text, 'x', before);
		memcpy(text + before, "A\xcc\x82\xcc\xa3", 6);
		got = folded(text, before + 5);
		assert_string_equal(got + before, want);
		free(got);
		free(text);
	}
}

/* However many marks somebody puts behind one: all of them come out. */
static void too_many_marks_are_cut(void **state)
{
	enum { TIMES = 150 * 1000 };
	char *text = mem_new(2 * TIMES + 2), *got;

	(void)state;
	text[0] = 'A';
	for (size_t i = 0; i < TIMES; i++)
		memcpy(text + 1 + 2 * i, "\xcc\x82", 2);
	got = folded(text, 2 * TIMES + 1);
	text[0] = 'a';
	assert_string_equal(got, text);
	free(got);
	free(text);
}

static void a_full_queue_is_said(void **state)
{
	static const char *const texts[] = { "ABCDEFGH", "\xc3\x84\xc3\x96",
					     "abc\n\xc3\x9c\nd", "ab\0d" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		size_t len = i == 3 ? 4 : strlen(texts[i]);
		char *whole = folded(texts[i], len);

		for (size_t room = 0; room <= strlen(whole); room++) {
			struct buf out;

			buf_init(&out, room);
			assert_int_equal(mime_fold(span_of(texts[i], len), &out),
					 room < strlen(whole) ? -1 : 0);
			assert_true(out.len <= room);
			assert_memory_equal(buf_span(&out).at ? buf_span(&out).at : "", whole,
					    out.len);
			buf_free(&out);
		}
		free(whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_reader_takes_for_the_same_is_the_same),
		cmocka_unit_test(the_order_and_form_of_marks_is_one),
		cmocka_unit_test(what_is_folded_stays_as_it_is),
		cmocka_unit_test(what_is_no_utf8_is_shown_as_such),
		cmocka_unit_test(a_nul_ends_nothing),
		cmocka_unit_test(no_character_is_cut),
		cmocka_unit_test(no_mark_is_cut_from_its_character),
		cmocka_unit_test(too_many_marks_are_cut),
		cmocka_unit_test(a_full_queue_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
